import { facts, hours, month } from '../../test/mothers.js';
import type { HoursFact, Person } from './facts.js';
import { learning } from './learning.js';

const attain = (ledgers: readonly HoursFact[], n: number, person: Partial<Person> = {}, over = {}) =>
  learning(facts({ hours: ledgers, person: { ...facts().person, ...person }, ...over }), month(n));
const shown = (...args: Parameters<typeof attain>) => attain(...args).attainment?.toFixed(2) ?? null;

test.each([
  [1, [], '0.00'],
  [1, [1], '60.00'],
  [6, [10], '100.00'],
  [6, [4, 4], '80.00'],
  [12, [20, 20], '100.00'],
])('in month %p, hours %p of 20 a year give %s', (n, counted, attainment) => {
  expect(shown([hours(counted)], n)).toBe(attainment);
});

test('R13: a contract worker is due 24 a year', () => {
  expect(shown([hours([18], { entitlement: '24' })], 12)).toBe('75.00');
});

describe('months of service', () => {
  test.each([
    ['who joined in July', { serviceFrom: '2026-07-01' }, 12, 5, '50.00'],
    ['who left at the end of June', { leftOn: '2026-06-30' }, 12, 5, '50.00'],
    ['who joined within a month, which is a whole one', { serviceFrom: '2026-07-15' }, 7, 1, '60.00'],
    ['who left within a month, which is a whole one', { leftOn: '2026-06-01' }, 12, 5, '50.00'],
  ])('%s', (_, person, n, counted, attainment) => {
    expect(shown([hours([counted])], n, person)).toBe(attainment);
  });

  test('from 15 March, 16.67 hours are due at the end of the year, as the entitlement says', () => {
    const { note } = attain([hours([8])], 12, { serviceFrom: '2026-03-15' });
    expect(note).toBe('8 of 16.67 hours due');
  });

  test('R11: days away of a month served in part are a share of the days served', () => {
    const absences = [{ from: '2026-12-10', to: '2026-12-24' }];
    const { note } = attain([hours([1])], 12, { serviceFrom: '2026-12-02' }, { absences });
    expect(note).toBe('1 of 0.83 hours due'); // 20 ÷ 12 × 15 ÷ 30
    const never = [{ from: '2026-12-01', to: '2026-12-31' }];
    expect(attain([hours([1])], 12, { serviceFrom: '2026-12-02' }, { absences: never }).attainment).toBeNull();
  });

  test('before the first and after the last, nothing is due', () => {
    expect(attain([hours([5])], 6, { serviceFrom: '2026-08-01' })).toMatchObject({
      attainment: null,
      note: 'left out: no month of service at work has begun',
    });
    expect(attain([hours([5])], 6, { leftOn: '2025-12-31' }).attainment).toBeNull();
  });
});

test('R11: what is due shrinks by days, each day away once', () => {
  const absences = [
    { from: '2026-01-01', to: '2026-01-31' },
    { from: '2026-01-15', to: '2026-03-31' },
  ];
  expect(shown([hours([7.5])], 12, {}, { absences })).toBe('50.00');
});

test('the highest version of the ledger holds, whatever came last', () => {
  const [old, corrected] = [hours([3, 8], { version: 4 }), hours([3], { version: 5 })];
  expect(shown([old, corrected], 12)).toBe('15.00');
  expect(shown([corrected, old], 12)).toBe('15.00');
});

test('every record is a source, with what of it counts and why not', () => {
  const ledger = hours([8], {
    records: [
      {
        eventId: 'b',
        eventType: 'TrainingCorrected',
        hours: '12',
        counted: '8',
        reason: 'CAP_PER_DAY',
        completedAt: new Date('2026-02-03T01:00:00Z'),
      },
      { eventId: 'a', hours: '4', counted: '0', reason: 'NOT_VERIFIED', completedAt: new Date('2026-02-01T01:00:00Z') },
    ],
  });
  const source = { type: 'TrainingCompleted', actor: null };
  expect(attain([ledger], 12)).toMatchObject({
    note: '8 of 20 hours due',
    sources: [
      { ...source, eventId: 'a', quantity: '4', counted: '0', reason: 'NOT_VERIFIED' },
      {
        ...source,
        eventId: 'b',
        type: 'TrainingCorrected',
        quantity: '12',
        counted: '8',
        reason: 'CAP_PER_DAY',
        occurredAt: '2026-02-03T01:00:00.000Z',
      },
    ],
  });
});
