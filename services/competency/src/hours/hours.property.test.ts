import { dateOf, dayOf } from '@merit/chassis/local-date';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { rules } from '../../test/rules.js';

import { countHours } from './hours.js';
import type { Learner, TrainingRecord } from './record.js';
import { inSpan, reachOf, spansOf } from './span.js';
import type { YearCount } from './year-count.js';

const FORMS = ['SEMINAR', 'COACHING', 'MENTORING', 'MAGANG', 'PATOK_BANDING', 'BELAJAR_MANDIRI', 'KOMUNITAS_BELAJAR'];

/** Few days close together and around a new year, so that caps meet. */
const record: fc.Arbitrary<TrainingRecord> = fc
  .record({
    id: fc.uuid(),
    form: fc.constantFrom(...FORMS),
    hours: fc.integer({ min: 1, max: 40 }),
    start: fc.integer({ min: dayOf('2025-12-20'), max: dayOf('2026-01-20') }),
    days: fc.integer({ min: 1, max: 9 }),
    from: fc.integer({ min: 480, max: 700 }),
    minutes: fc.integer({ min: 30, max: 240 }),
    timed: fc.boolean(),
    verified: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  })
  .map(({ id, form, hours, start, days, from, minutes, timed, verified }) => ({
    id,
    form,
    hours,
    startsOn: dateOf(start),
    endsOn: dateOf(start + days - 1),
    meets: timed ? { from, to: from + minutes } : null,
    verified,
  }));
const records = fc.uniqueArray(record, { selector: ({ id }) => id, maxLength: 12 });
/** Half of the contracts turn amid those days. */
const contractFrom = fc
  .oneof(
    fc.integer({ min: dayOf('2024-01-01'), max: dayOf('2025-06-30') }),
    fc.integer({ min: dayOf('2024-12-21'), max: dayOf('2025-01-25') }),
  )
  .map(dateOf);
const pns: fc.Arbitrary<Learner> = fc.constant({ kind: 'PNS', contractFrom: null, serviceFrom: '2015-01-01' });
const pppk: fc.Arbitrary<Learner> = contractFrom.map((from) => ({
  kind: 'PPPK',
  contractFrom: from,
  serviceFrom: from,
}));
const learner = fc.oneof(pns, pppk);

const count = (of: readonly TrainingRecord[], who: Learner) => countHours(of, rules, who);
const add = (values: Iterable<string>) => [...values].reduce((sum, value) => sum.plus(value), new Decimal(0));
const total = (years: ReadonlyMap<number, YearCount>) => add([...years.values()].map(({ counted }) => counted));
const parts = (years: ReadonlyMap<number, YearCount>) => [...years.values()].flatMap((year) => year.records);

fc.configureGlobal({ numRuns: 400 });

test('the order of entry does not matter', () => {
  const shuffled = records.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
  );
  fc.assert(fc.property(shuffled, learner, ([a, b], who) => expect([...count(b, who)]).toEqual([...count(a, who)])));
});

test('no record counts for more than its hours, and what it loses has a reason', () => {
  fc.assert(
    fc.property(records, learner, (all, who) => {
      for (const { reason, ...one } of parts(count(all, who))) {
        const [hours, counted] = [new Decimal(one.hours), new Decimal(one.counted)];
        expect(counted.gte(0) && counted.lte(hours)).toBe(true);
        expect(reason === null).toBe(counted.eq(hours));
      }
    }),
  );
});

test('the records of a year add up to its totals, and the years of a record to its hours', () => {
  fc.assert(
    fc.property(records, learner, (all, who) => {
      const years = count(all, who);
      for (const { counted, recorded, records: its } of years.values()) {
        expect(add(its.map((one) => one.counted)).toString()).toBe(counted);
        expect(add(its.map((one) => one.hours)).toString()).toBe(recorded);
      }
      expect(add(parts(years).map(({ hours }) => hours)).toNumber()).toBe(
        all.reduce((sum, { hours }) => sum + hours, 0),
      );
    }),
  );
});

test('a further record never lowers the total', () => {
  fc.assert(
    fc.property(records, record, learner, (all, one, who) => {
      const [before, after] = [count(all, who), count([...all, one], who)];
      expect(total(after).gte(total(before))).toBe(true);
    }),
  );
});

test('without a contract a further record lowers no year', () => {
  fc.assert(
    fc.property(records, record, pns, (all, one, who) => {
      const after = count([...all, one], who);
      for (const [year, { counted }] of count(all, who))
        expect(Number(after.get(year)!.counted)).toBeGreaterThanOrEqual(Number(counted));
    }),
  );
});

test('a record moves no year out of its reach, and what lies in its reach decides those in it', () => {
  const span = ({ startsOn, endsOn }: TrainingRecord) => spansOf([{ employeeId: '', startsOn, endsOn }]).get('')!;
  const far = fc.uniqueArray(
    fc.tuple(record, fc.integer({ min: -3, max: 3 })).map(([one, years]) => moved(one, years)),
    { selector: ({ id }) => id, maxLength: 20 },
  );
  fc.assert(
    fc.property(far, record, learner, (all, one, who) => {
      const { ledgers, records: deciding } = reachOf(span(one), who.kind, rules.contracts);
      const [before, after] = [count(all, who), count([...all, one], who)];
      const near = [...all, one].filter((other) => span(other).from <= deciding.to && span(other).to >= deciding.from);
      const reached = count(near, who);
      for (const year of new Set([...before.keys(), ...after.keys()])) {
        const other = inSpan(ledgers, year) ? reached : before;
        expect(after.get(year)).toEqual(other.get(year));
      }
    }),
  );
});

const moved = (one: TrainingRecord, years: number): TrainingRecord => {
  const shift = (date: string) => `${Number(date.slice(0, 4)) + years}${date.slice(4)}`;
  return { ...one, startsOn: shift(one.startsOn), endsOn: shift(one.endsOn) };
};

test('what does not count takes no room', () => {
  fc.assert(
    fc.property(records, learner, (all, who) => {
      const verified = all.filter((one) => one.verified);
      expect(total(count(all, who))).toEqual(total(count(verified, who)));
    }),
  );
});

const atMost = (all: readonly TrainingRecord[], who: Learner, cap: number) =>
  expect(total(count(all, who)).lte(cap)).toBe(true);

test('caps hold', () => {
  const days = (all: readonly TrainingRecord[]) => new Set(all.flatMap(daysOf)).size;
  const months = (all: readonly TrainingRecord[]) => new Set(all.map(({ startsOn }) => startsOn.slice(0, 7))).size;
  fc.assert(
    fc.property(records, pns, (all, who) => {
      const of = (form: string) => all.filter((one) => one.form === form);
      atMost(of('SEMINAR'), who, 8 * days(of('SEMINAR')));
      atMost(of('BELAJAR_MANDIRI'), who, 2 * days(of('BELAJAR_MANDIRI')));
      atMost(of('COACHING'), who, 4 * months(of('COACHING')));
      atMost(of('MAGANG'), who, 20 * of('MAGANG').length);
    }),
  );
});

test('the cap of a contract year surrounds all', () => {
  const first = { kind: 'PPPK', contractFrom: '2025-07-01', serviceFrom: '2025-07-01' } as const;
  fc.assert(fc.property(records, (all) => atMost(all, first, 24)));
});

const daysOf = ({ startsOn, endsOn }: TrainingRecord) =>
  Array.from({ length: dayOf(endsOn) - dayOf(startsOn) + 1 }, (_, i) => dayOf(startsOn) + i);
