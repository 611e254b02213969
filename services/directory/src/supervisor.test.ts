import fc from 'fast-check';
import {
  type Assignment,
  type Facts,
  higherSupervisors,
  indexFacts,
  type Override,
  placeOf,
  supervisorOf,
  type UnitFacts,
} from './supervisor.js';

/** Everything below was recorded on this day, unless told; dates are of 2026. */
const RECORDED = new Date('2026-01-01T00:00:00Z');
const NOW = new Date('2026-12-31T00:00:00Z');
const DAY = '2026-06-15';

let count = 0;
const holds = (employeeId: string, unitId: string, over: Partial<Assignment> & { until?: string } = {}): Assignment => {
  const { until, ...rest } = over;
  count += 1;
  return {
    id: `a${String(count).padStart(4, '0')}`,
    employeeId,
    unitId,
    leading: false,
    kind: 'DEFINITIF',
    validFrom: '2026-01-01',
    recordedAt: RECORDED,
    ends: until ? [{ validTo: until, recordedAt: rest.recordedAt ?? RECORDED }] : [],
    annulledAt: null,
    ...rest,
  };
};
const leads = (employeeId: string, unitId: string, over: Partial<Assignment> & { until?: string } = {}) =>
  holds(employeeId, unitId, { leading: true, ...over });
const unit = (id: string, parentId: string | null = null, over: Partial<UnitFacts> = {}): UnitFacts => ({
  id,
  closedOn: null,
  mergedInto: null,
  parents: [{ parentId, validFrom: '2020-01-01' }],
  ...over,
});
const set = (employeeId: string, supervisorId: string | null, over: Partial<Override> = {}): Override => ({
  id: 'o1',
  employeeId,
  supervisorId,
  validFrom: '2026-01-01',
  validTo: null,
  recordedAt: RECORDED,
  ...over,
});
const given = (facts: Partial<Facts>) =>
  indexFacts({ assignments: [], overrides: [], units: UNITS, left: new Map(), ...facts });

/** dinas ⟵ bidang ⟵ seksi */
const UNITS = [unit('dinas'), unit('bidang', 'dinas'), unit('seksi', 'bidang')];
const HEADS = [leads('kadis', 'dinas'), leads('kabid', 'bidang'), leads('kasi', 'seksi')];

describe('the supervisor', () => {
  test('is who holds the leading position of the unit definitively', () => {
    const facts = given({ assignments: [...HEADS, holds('staf', 'seksi')] });
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe('kasi');
  });

  test('of who leads a unit is the head of the unit above', () => {
    const facts = given({ assignments: HEADS });
    expect(supervisorOf(facts, 'kasi', DAY, NOW)).toBe('kabid');
    expect(supervisorOf(facts, 'kabid', DAY, NOW)).toBe('kadis');
  });

  test('of the top is nobody', () => {
    expect(supervisorOf(given({ assignments: HEADS }), 'kadis', DAY, NOW)).toBeNull();
  });

  test('of someone without any position is nobody', () => {
    expect(supervisorOf(given({ assignments: HEADS }), 'nobody', DAY, NOW)).toBeNull();
  });

  test.each([
    ['PLT before PLH', ['PLH', 'PLT'], 'PLT'],
    ['the definitive holder before both', ['PLH', 'PLT', 'DEFINITIF'], 'DEFINITIF'],
    ['who holds it beside another position before those who act', ['PLT', 'RANGKAP'], 'RANGKAP'],
    ['PLH where nobody else is', ['PLH'], 'PLH'],
  ] as const)('is %s', (_, kinds, expected) => {
    const facts = given({
      assignments: [
        ...kinds.map((kind) => leads(kind, 'seksi', { kind })),
        holds('staf', 'seksi'),
        ...HEADS.slice(0, 2),
      ],
    });
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe(expected);
  });

  test("is the parent's where nobody leads the unit", () => {
    const facts = given({ assignments: [leads('kadis', 'dinas'), holds('staf', 'seksi')] });
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe('kadis');
  });

  test('is never oneself: who acts as head of the own unit is supervised from above', () => {
    const facts = given({
      assignments: [
        leads('kadis', 'dinas'),
        holds('sekretaris', 'bidang'),
        leads('sekretaris', 'bidang', { kind: 'PLT' }),
      ],
    });
    expect(supervisorOf(facts, 'sekretaris', DAY, NOW)).toBe('kadis');
  });

  test('of the head on leave is not who acts for the head', () => {
    const facts = given({ assignments: [...HEADS, leads('staf', 'bidang', { kind: 'PLH' })] });
    expect(supervisorOf(facts, 'kabid', DAY, NOW)).toBe('kadis');
  });

  test('follows the definitive position, not the unit where one acts', () => {
    const facts = given({
      assignments: [...HEADS, holds('staf', 'seksi'), leads('staf', 'lain', { kind: 'PLT' })],
      units: [...UNITS, unit('lain')],
    });
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe('kasi');
    expect(placeOf(facts, 'staf', DAY, NOW)?.unitId).toBe('seksi');
  });

  test('follows an acting position where there is no other', () => {
    const facts = given({ assignments: [...HEADS, holds('staf', 'seksi', { kind: 'PLT' })] });
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe('kasi');
  });

  test('of two definitive holders is the one who began last', () => {
    const facts = given({
      assignments: [leads('old', 'seksi'), leads('new', 'seksi', { validFrom: '2026-03-01' }), holds('staf', 'seksi')],
    });
    expect(supervisorOf(facts, 'staf', '2026-02-28', NOW)).toBe('old');
    expect(supervisorOf(facts, 'staf', '2026-03-01', NOW)).toBe('new');
  });

  test('is not someone who has left the service', () => {
    const facts = given({ assignments: [...HEADS, holds('staf', 'seksi')], left: new Map([['kasi', '2026-06-14']]) });
    expect(supervisorOf(facts, 'staf', '2026-06-14', NOW)).toBe('kasi');
    expect(supervisorOf(facts, 'staf', '2026-06-15', NOW)).toBe('kabid');
  });
});

describe('an interval', () => {
  test.each([
    ['2026-02-28', 'kabid'],
    ['2026-03-01', 'kasi'],
    ['2026-06-30', 'kasi'],
    ['2026-07-01', 'kabid'],
  ])('includes both its days: on %s it is %s', (date, expected) => {
    const facts = given({
      assignments: [
        ...HEADS.slice(0, 2),
        leads('kasi', 'seksi', { validFrom: '2026-03-01', until: '2026-06-30' }),
        holds('staf', 'seksi'),
      ],
    });
    expect(supervisorOf(facts, 'staf', date, NOW)).toBe(expected);
  });
});

describe('what was known', () => {
  const april = new Date('2026-04-01T00:00:00Z');
  const may = new Date('2026-05-01T00:00:00Z');

  test('an appointment counts for the past only from when it was recorded', () => {
    const facts = given({
      assignments: [leads('kabid', 'bidang'), leads('kasi', 'seksi', { recordedAt: may }), holds('staf', 'seksi')],
    });
    expect(supervisorOf(facts, 'staf', '2026-02-01', april)).toBe('kabid');
    expect(supervisorOf(facts, 'staf', '2026-02-01', may)).toBe('kasi');
  });

  test('an annulled appointment held until the annulment was recorded, and never after', () => {
    const facts = given({
      assignments: [leads('kabid', 'bidang'), leads('kasi', 'seksi', { annulledAt: may }), holds('staf', 'seksi')],
    });
    expect(supervisorOf(facts, 'staf', '2026-02-01', april)).toBe('kasi');
    expect(supervisorOf(facts, 'staf', '2026-02-01', may)).toBe('kabid');
  });

  test('an end that was recorded later, and corrected later still, is as it was known', () => {
    const ends = [
      { validTo: '2026-03-31', recordedAt: may },
      { validTo: '2026-08-31', recordedAt: NOW },
      { validTo: '2026-12-31', recordedAt: RECORDED },
    ];
    const facts = given({
      assignments: [leads('kabid', 'bidang'), leads('kasi', 'seksi', { ends }), holds('staf', 'seksi')],
    });
    expect(supervisorOf(facts, 'staf', DAY, april)).toBe('kasi');
    expect(supervisorOf(facts, 'staf', DAY, may)).toBe('kabid');
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe('kasi');
    expect(supervisorOf(facts, 'staf', '2026-09-01', NOW)).toBe('kabid');
  });
});

describe('a supervisor who was set', () => {
  const people = [...HEADS, holds('staf', 'seksi')];
  const with_ = (...overrides: Override[]) => given({ assignments: people, overrides });

  test('wins over the rule within its days', () => {
    const facts = with_(set('staf', 'lurah', { validFrom: '2026-03-01', validTo: '2026-06-30' }));
    expect(supervisorOf(facts, 'staf', '2026-02-28', NOW)).toBe('kasi');
    expect(supervisorOf(facts, 'staf', '2026-03-01', NOW)).toBe('lurah');
    expect(supervisorOf(facts, 'staf', '2026-06-30', NOW)).toBe('lurah');
    expect(supervisorOf(facts, 'staf', '2026-07-01', NOW)).toBe('kasi');
  });

  test('gives way to what was recorded later about the same day', () => {
    const facts = with_(
      set('staf', 'camat', { id: 'o2', recordedAt: new Date('2026-05-01'), validFrom: '2026-05-01' }),
      set('staf', 'lurah'),
    );
    expect(supervisorOf(facts, 'staf', '2026-04-30', NOW)).toBe('lurah');
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe('camat');
    expect(supervisorOf(facts, 'staf', DAY, new Date('2026-04-01'))).toBe('lurah');
  });

  test('gives way to the rule from the day on which it was taken back', () => {
    const facts = with_(
      set('staf', 'lurah'),
      set('staf', null, { recordedAt: new Date('2026-05-01'), validFrom: '2026-06-01' }),
    );
    expect(supervisorOf(facts, 'staf', '2026-05-31', NOW)).toBe('lurah');
    expect(supervisorOf(facts, 'staf', '2026-06-01', NOW)).toBe('kasi');
  });

  test('is never oneself, nor someone who has left', () => {
    expect(supervisorOf(with_(set('staf', 'staf')), 'staf', DAY, NOW)).toBe('kasi');
    const facts = given({
      assignments: people,
      overrides: [set('staf', 'lurah')],
      left: new Map([['lurah', '2026-05-31']]),
    });
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe('kasi');
  });

  test('also supervises someone without a position', () => {
    expect(supervisorOf(with_(set('baru', 'kasi')), 'baru', DAY, NOW)).toBe('kasi');
  });
});

describe('units that change', () => {
  const staff = [...HEADS, holds('staf', 'seksi')];

  test('a unit that moved hangs under its new parent from that day on', () => {
    const moved = unit('seksi', 'bidang', {
      parents: [
        { parentId: 'dinas', validFrom: '2026-06-01' },
        { parentId: 'bidang', validFrom: '2020-01-01' },
      ],
    });
    const facts = given({
      assignments: [...HEADS.slice(0, 2), holds('staf', 'seksi')],
      units: [...UNITS.slice(0, 2), moved],
    });
    expect(supervisorOf(facts, 'staf', '2026-05-31', NOW)).toBe('kabid');
    expect(supervisorOf(facts, 'staf', '2026-06-01', NOW)).toBe('kadis');
  });

  test('the people of a merged unit are led by the head of the one that took it in', () => {
    const merged = unit('seksi', 'bidang', { closedOn: '2026-05-31', mergedInto: 'lain' });
    const facts = given({
      assignments: [...staff, leads('kasi lain', 'lain')],
      units: [...UNITS.slice(0, 2), merged, unit('lain', 'bidang')],
    });
    expect(supervisorOf(facts, 'staf', '2026-05-31', NOW)).toBe('kasi');
    expect(supervisorOf(facts, 'staf', '2026-06-01', NOW)).toBe('kasi lain');
  });

  test('the people of a closed unit are led from above', () => {
    const closed = unit('seksi', 'bidang', { closedOn: '2026-05-31' });
    const facts = given({ assignments: staff, units: [...UNITS.slice(0, 2), closed] });
    expect(supervisorOf(facts, 'staf', '2026-06-01', NOW)).toBe('kabid');
  });

  test('a unit that is not known yet still has its head', () => {
    const facts = given({ assignments: [leads('kasi', 'unknown'), holds('staf', 'unknown')], units: [] });
    expect(supervisorOf(facts, 'staf', DAY, NOW)).toBe('kasi');
    expect(supervisorOf(facts, 'kasi', DAY, NOW)).toBeNull();
  });
});

describe('the higher supervisors', () => {
  test('go up to the top', () => {
    const facts = given({ assignments: [...HEADS, holds('staf', 'seksi')] });
    expect(higherSupervisors(facts, 'staf', DAY, NOW)).toEqual(['kasi', 'kabid', 'kadis']);
    expect(higherSupervisors(facts, 'kadis', DAY, NOW)).toEqual([]);
  });

  test('end where two were set to supervise each other', () => {
    const facts = given({
      assignments: [...HEADS, holds('staf', 'seksi')],
      overrides: [set('kasi', 'kabid'), set('kabid', 'kasi', { id: 'o2' })],
    });
    expect(higherSupervisors(facts, 'staf', DAY, NOW)).toEqual(['kasi', 'kabid']);
    expect(higherSupervisors(facts, 'kasi', DAY, NOW)).toEqual(['kabid']);
  });
});

describe('whatever the records say', () => {
  const id = (letter: string) => fc.integer({ min: 0, max: 5 }).map((n) => `${letter}${n}`);
  const day = fc.integer({ min: 1, max: 12 }).map((month) => `2026-${String(month).padStart(2, '0')}-01`);
  const moment = fc.integer({ min: 0, max: 11 }).map((month) => new Date(Date.UTC(2026, month)));
  const facts: fc.Arbitrary<Facts> = fc.record({
    assignments: fc.array(
      fc.record({
        id: fc.uuid(),
        employeeId: id('e'),
        unitId: id('u'),
        leading: fc.boolean(),
        kind: fc.constantFrom('DEFINITIF', 'PLT', 'PLH', 'RANGKAP'),
        validFrom: day,
        recordedAt: moment,
        ends: fc.array(fc.record({ validTo: fc.option(day), recordedAt: moment }), { maxLength: 2 }),
        annulledAt: fc.option(moment),
      }),
      { maxLength: 20 },
    ),
    overrides: fc.array(
      fc.record({
        id: fc.uuid(),
        employeeId: id('e'),
        supervisorId: fc.option(id('e')),
        validFrom: day,
        validTo: fc.option(day),
        recordedAt: moment,
      }),
      { maxLength: 4 },
    ),
    units: fc.uniqueArray(
      fc.record({
        id: id('u'),
        closedOn: fc.option(day),
        mergedInto: fc.option(id('u')),
        parents: fc.array(fc.record({ parentId: fc.option(id('u')), validFrom: day }), { maxLength: 2 }),
      }),
      { selector: (unit) => unit.id },
    ),
    left: fc.array(fc.tuple(id('e'), day), { maxLength: 2 }).map((entries) => new Map(entries)),
  });

  test('an answer comes, is never oneself nor one who left, and does not depend on the order of the records', () => {
    fc.assert(
      fc.property(facts, id('e'), day, moment, fc.integer(), (facts, employeeId, date, knownAt, seed) => {
        const found = supervisorOf(indexFacts(facts), employeeId, date, knownAt);
        expect(found).not.toBe(employeeId);
        if (found !== null) expect((facts.left.get(found) ?? '9999') >= date).toBe(true);
        const shuffled = {
          ...facts,
          assignments: shuffle(facts.assignments, seed),
          overrides: shuffle(facts.overrides, seed),
          units: shuffle(facts.units, seed),
        };
        expect(supervisorOf(indexFacts(shuffled), employeeId, date, knownAt)).toBe(found);
        const chain = higherSupervisors(indexFacts(facts), employeeId, date, knownAt);
        expect(new Set([employeeId, ...chain]).size).toBe(chain.length + 1);
        expect(chain[0] ?? null).toBe(found);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is recorded later does not change what was known before', () => {
    fc.assert(
      fc.property(facts, facts, id('e'), day, moment, (before, after, employeeId, date, knownAt) => {
        const later = new Date(knownAt.getTime() + 1);
        const added = {
          ...before,
          assignments: [...before.assignments, ...after.assignments.map((a) => ({ ...a, recordedAt: later }))],
          overrides: [...before.overrides, ...after.overrides.map((o) => ({ ...o, recordedAt: later }))],
        };
        expect(supervisorOf(indexFacts(added), employeeId, date, knownAt)).toBe(
          supervisorOf(indexFacts(before), employeeId, date, knownAt),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

/** The same items in another order that the seed decides. */
const shuffle = <T>(items: readonly T[], seed: number): T[] =>
  items
    .map((item, i) => [Math.imul(i + 1, 2654435761) ^ seed, item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
