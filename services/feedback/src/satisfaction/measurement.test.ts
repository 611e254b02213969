import fc from 'fast-check';
import { lastDayOf, lastMonthBefore, type Measurement, measure, type ServiceYear } from './measurement.js';
import { perElement, type Tally } from './satisfaction.js';

const now = new Date('2026-04-01T00:00:00Z');
const tally = (respondents: number, sum: number): Tally => ({ respondents, sums: perElement(() => sum) });
const ids = () => {
  let n = 0;
  return () => {
    n += 1;
    return `m${n}`;
  };
};
const service = (over: Partial<ServiceYear> = {}): ServiceYear => ({
  serviceId: 's1',
  unitId: 'u1',
  year: 2026,
  answered: new Map(),
  served: new Map(),
  measured: [],
  ...over,
});
const shown = (made: readonly Measurement[]) =>
  made.map(({ id, windowTo, respondents, population, supersedesId }) => [
    id,
    windowTo,
    respondents,
    population,
    supersedesId,
  ]);

/** R7: 12 people with a mean of 3.50, then 9 with 2.00, then 15 with 3.20. */
const quarter = new Map([
  ['2026-01', tally(12, 42)],
  ['2026-02', tally(9, 18)],
  ['2026-03', tally(15, 48)],
]);

test('each month that has passed is measured from 1 January, and replaces the one before', () => {
  const made = measure(service({ answered: quarter }), '2026-03', ids(), now);
  expect(shown(made)).toEqual([
    ['m1', '2026-01-31', 12, null, null],
    ['m2', '2026-02-28', 21, null, 'm1'],
    ['m3', '2026-03-31', 36, null, 'm2'],
  ]);
  expect(made[2]!.sums.WAKTU).toBe(108);
});

test('a month that still runs is not measured', () => {
  expect(shown(measure(service({ answered: quarter }), '2026-02', ids(), now))).toHaveLength(2);
});

test('a month in which nobody answered is measured with those before it', () => {
  const answered = new Map([['2026-02', tally(9, 18)]]);
  expect(shown(measure(service({ answered }), '2026-04', ids(), now))).toEqual([
    ['m1', '2026-02-28', 9, null, null],
    ['m2', '2026-03-31', 9, null, 'm1'],
    ['m3', '2026-04-30', 9, null, 'm2'],
  ]);
});

test('nobody asked is nothing measured', () => {
  expect(measure(service(), '2026-12', ids(), now)).toEqual([]);
});

test('measuring again changes nothing', () => {
  const measured = measure(service({ answered: quarter }), '2026-03', ids(), now);
  expect(measure(service({ answered: quarter, measured }), '2026-03', ids(), now)).toEqual([]);
});

test('answers that come late are measured from their month on', () => {
  const newId = ids();
  const measured = measure(service({ answered: quarter }), '2026-03', newId, now);
  const answered = new Map(quarter).set('2026-02', tally(10, 22));
  expect(shown(measure(service({ answered, measured }), '2026-03', newId, now))).toEqual([
    ['m4', '2026-02-28', 22, null, 'm3'],
    ['m5', '2026-03-31', 37, null, 'm4'],
  ]);
});

test('the people served count when every month of the window is known', () => {
  const served = new Map([
    ['2026-01', 100],
    ['2026-03', 50],
  ]);
  const newId = ids();
  const measured = measure(service({ answered: quarter, served }), '2026-03', newId, now);
  expect(measured.map(({ population }) => population)).toEqual([100, null, null]);
  const complete = new Map(served).set('2026-02', 70);
  expect(shown(measure(service({ answered: quarter, served: complete, measured }), '2026-03', newId, now))).toEqual([
    ['m4', '2026-02-28', 21, 170, 'm3'],
    ['m5', '2026-03-31', 36, 220, 'm4'],
  ]);
});

test('in whatever steps it is measured, the last in force is the same, and each names the one before', () => {
  const months = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat({ max: 20 })), { maxLength: 12 });
  fc.assert(
    fc.property(months, (entries) => {
      const newId = ids();
      const answered = new Map<string, Tally>();
      let measured: readonly Measurement[] = [];
      for (const [month, n] of entries) {
        answered.set(`2026-0${month + 1}`, tally(n, 3 * n));
        measured = [...measured, ...measure(service({ answered, measured }), '2026-06', newId, now)];
      }
      const atOnce = measure(service({ answered }), '2026-06', newId, now).at(-1);
      const people = [...answered.values()].reduce((sum, { respondents }) => sum + respondents, 0);
      fc.pre(people > 0);
      expect(measured.at(-1)).toMatchObject({ windowTo: atOnce!.windowTo, sums: atOnce!.sums, respondents: people });
      expect(measured.map(({ supersedesId }) => supersedesId)).toEqual([
        null,
        ...measured.slice(0, -1).map(({ id }) => id),
      ]);
    }),
  );
});

test('months', () => {
  expect([lastDayOf('2026-02'), lastDayOf('2028-02'), lastDayOf('2026-12')]).toEqual([
    '2026-02-28',
    '2028-02-29',
    '2026-12-31',
  ]);
  expect([lastMonthBefore('2026-01-31'), lastMonthBefore('2026-03-01')]).toEqual(['2025-12', '2026-02']);
});
