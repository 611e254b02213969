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
const take = (of: ServiceYear, lastMonth: string, newId = ids()) => measure(of, lastMonth, { fewest: 5, newId, now });
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
  const made = take(service({ answered: quarter }), '2026-03');
  expect(shown(made)).toEqual([
    ['m1', '2026-01-31', 12, null, null],
    ['m2', '2026-02-28', 21, null, 'm1'],
    ['m3', '2026-03-31', 36, null, 'm2'],
  ]);
  expect(made[2]!.sums.WAKTU).toBe(108);
});

test('a month that still runs is not measured', () => {
  expect(shown(take(service({ answered: quarter }), '2026-02'))).toHaveLength(2);
});

test('a month in which nobody answered is measured with those before it', () => {
  const answered = new Map([['2026-02', tally(9, 18)]]);
  expect(shown(take(service({ answered }), '2026-04'))).toEqual([
    ['m1', '2026-02-28', 9, null, null],
    ['m2', '2026-03-31', 9, null, 'm1'],
    ['m3', '2026-04-30', 9, null, 'm2'],
  ]);
});

test('nobody asked is nothing measured', () => {
  expect(take(service(), '2026-12')).toEqual([]);
});

test('measuring again changes nothing', () => {
  const measured = take(service({ answered: quarter }), '2026-03');
  expect(take(service({ answered: quarter, measured }), '2026-03')).toEqual([]);
});

test('a month that adds fewer than five people waits for those that follow, and so do answers that come late', () => {
  const newId = ids();
  const answered = new Map([
    ['2026-01', tally(6, 18)],
    ['2026-02', tally(1, 4)],
    ['2026-03', tally(3, 9)],
    ['2026-04', tally(1, 2)],
  ]);
  const measured = take(service({ answered }), '2026-05', newId);
  expect(shown(measured)).toEqual([
    ['m1', '2026-01-31', 6, null, null],
    ['m2', '2026-04-30', 11, null, 'm1'],
    ['m3', '2026-05-31', 11, null, 'm2'],
  ]);
  const late = (february: Tally) =>
    take(service({ answered: new Map(answered).set('2026-02', february), measured }), '2026-05', newId);
  expect(late(tally(5, 16))).toEqual([]);
  expect(shown(late(tally(6, 19)))).toEqual([['m4', '2026-05-31', 16, null, 'm3']]);
});

test('fewer than five people are not measured', () => {
  const answered = new Map([['2026-01', tally(4, 16)]]);
  expect(take(service({ answered }), '2026-12')).toEqual([]);
  expect(shown(take(service({ answered: answered.set('2026-03', tally(1, 1)) }), '2026-03'))).toEqual([
    ['m1', '2026-03-31', 5, null, null],
  ]);
});

test('the people served count when every month of the window is known', () => {
  const served = new Map([
    ['2026-01', 100],
    ['2026-03', 50],
  ]);
  const newId = ids();
  const measured = take(service({ answered: quarter, served }), '2026-03', newId);
  expect(measured.map(({ population }) => population)).toEqual([100, null, null]);
  const complete = new Map(served).set('2026-02', 70);
  expect(shown(take(service({ answered: quarter, served: complete, measured }), '2026-03', newId))).toEqual([
    ['m4', '2026-03-31', 36, 220, 'm3'],
  ]);
});

test('in whatever steps it is measured, no two tell of fewer than five people, and fewer than five are left out', () => {
  const months = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat({ max: 20 })), { maxLength: 12 });
  fc.assert(
    fc.property(months, (entries) => {
      const newId = ids();
      const counts = new Map<string, number>();
      let measured: readonly Measurement[] = [];
      for (const [month, n] of entries) {
        counts.set(`2026-0${month + 1}`, n + (counts.get(`2026-0${month + 1}`) ?? 0));
        const answered = new Map([...counts].map(([name, count]) => [name, tally(count, 3 * count)]));
        measured = [...measured, ...take(service({ answered, measured }), '2026-06', newId)];
      }
      const people = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const told = [0, ...measured.map(({ respondents }) => respondents)];
      const added = told.slice(1).map((respondents, i) => respondents - told[i]!);
      expect(added.filter((n) => n !== 0 && n < 5)).toEqual([]);
      expect(people - told.at(-1)!).toBeLessThan(5);
      expect(measured.map(({ supersedesId }) => supersedesId)).toEqual(
        [null, ...measured.map(({ id }) => id)].slice(0, measured.length),
      );
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
