import { byRight, HOLDING_KINDS, type Holding } from './rank.js';

const held = (over: Partial<Holding> = {}): Holding => ({
  id: 'a',
  kind: 'DEFINITIF',
  validFrom: '2026-01-01',
  recordedAt: new Date('2026-01-05T00:00:00Z'),
  ...over,
});

test('who holds a position alone comes before who holds it beside another, and both before who acts in it', () => {
  const shuffled = (['PLH', 'RANGKAP', 'DEFINITIF', 'PLT'] as const).map((kind, n) =>
    // The lesser right began later: the kind decides all the same.
    held({ kind, validFrom: `2026-0${n + 1}-01` }),
  );
  expect(shuffled.sort(byRight).map(({ kind }) => kind)).toEqual(['DEFINITIF', 'RANGKAP', 'PLT', 'PLH']);
  expect(HOLDING_KINDS).toEqual(['DEFINITIF', 'RANGKAP', 'PLT', 'PLH']);
});

test.each<[string, Partial<Holding>, Partial<Holding>]>([
  ['began last', { validFrom: '2026-03-01' }, { validFrom: '2026-02-28' }],
  ['was recorded last', { recordedAt: new Date('2026-02-01T00:00:00Z') }, {}],
  ['has the greater id', { id: 'b' }, { id: 'a' }],
])('of one kind, the one who %s', (_, first, second) => {
  expect(byRight(held(first), held(second))).toBeLessThan(0);
  expect(byRight(held(second), held(first))).toBeGreaterThan(0);
});

test('one is not before oneself', () => {
  expect(byRight(held(), held())).toBe(0);
});
