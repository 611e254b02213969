import { rules } from '../../test/rules.js';
import {
  type KnownLedger,
  type Ledger,
  type Person,
  type PublishedRecord,
  type Recount,
  recountLedgers,
} from './ledger.js';
import { ALL_YEARS } from './span.js';

const person: Person = {
  employeeId: 'p1',
  agencyId: 'a1',
  kind: 'PNS',
  serviceFrom: '2015-01-01',
  leftOn: null,
  contractFrom: null,
};
const record = (id: string, over: Partial<PublishedRecord> = {}): PublishedRecord => ({
  id,
  eventId: `event of ${id}`,
  eventType: 'TrainingCompleted',
  form: 'SEMINAR',
  hours: 4,
  startsOn: '2026-03-02',
  endsOn: '2026-03-02',
  meets: null,
  verified: true,
  completedAt: new Date('2026-03-02T09:00:00Z'),
  ...over,
});

const recount = (over: Partial<Recount>): Ledger[] => {
  let made = 0;
  const given = { person, within: ALL_YEARS, records: [], known: [], due: [], ...over };
  return recountLedgers(given, rules, () => {
    made += 1;
    return `l${made}`;
  });
};

/** A ledger as the next count finds it. */
const published = ({ id, year, version, entitlement, records }: Ledger): KnownLedger => ({
  id,
  employeeId: person.employeeId,
  year,
  version,
  entitlement,
  contents: new Map(
    records.map((one) => [one.id, `${one.record.eventId} ${one.hours} ${one.counted} ${one.reason ?? ''}`]),
  ),
});
const brief = (ledgers: readonly Ledger[]) =>
  ledgers.map(({ id, year, version, counted, entitlement }) => [id, year, version, counted, String(entitlement)]);

test('a year that is due has a ledger at 0, if the person serves in it', () => {
  const due = [2014, 2025, 2026];
  expect(brief(recount({ due }))).toEqual([
    ['l1', 2025, 1, '0', '20'],
    ['l2', 2026, 1, '0', '20'],
  ]);
  expect(recount({ due, person: { ...person, leftOn: '2014-12-31' } })).toEqual([]);
});

test('a year with a training has one, due or not', () => {
  expect(
    brief(recount({ records: [record('r1'), record('r2', { startsOn: '2014-05-05', endsOn: '2014-05-05' })] })),
  ).toEqual([
    ['l1', 2014, 1, '4', '0'],
    ['l2', 2026, 1, '4', '20'],
  ]);
});

test('what is as it was is not published again', () => {
  const known = recount({ records: [record('r1')], due: [2025] }).map(published);
  expect(recount({ records: [record('r1')], due: [2025], known })).toEqual([]);
});

test.each<[string, Partial<Recount>, string, string[]]>([
  ['a further training', { records: [record('r1'), record('r2')] }, '8', []],
  ['other hours', { records: [record('r1', { hours: 5, eventId: 'e2' })] }, '5', []],
  ['the same hours, said by another event', { records: [record('r1', { eventId: 'e2' })] }, '4', []],
  ['a training that is gone', { records: [] }, '0', ['r1']],
  ['another entitlement', { records: [record('r1')], person: { ...person, kind: 'PPPK' } }, '4', []],
])('%s is a new version', (_, over, counted, gone) => {
  const known = recount({ records: [record('r1')] }).map(published);
  const [ledger, ...others] = recount({ known, ...over });
  expect(others).toEqual([]);
  expect(ledger).toMatchObject({ id: 'l1', year: 2026, version: 2, counted, gone });
});

test('only what is new or other is written', () => {
  const known = recount({ records: [record('r1'), record('r2')] }).map(published);
  const [ledger] = recount({ known, records: [record('r1'), record('r2', { hours: 5, eventId: 'e2' }), record('r3')] });
  expect(ledger!.records.map(({ id, changed }) => [id, changed])).toEqual([
    ['r1', false],
    ['r2', true],
    ['r3', true],
  ]);
});

test('years out of reach stay as they are', () => {
  const over = { startsOn: '2025-12-31', endsOn: '2026-01-01' };
  const within = { from: 2026, to: 2026 };
  expect(brief(recount({ records: [record('r1', over)], within, due: [2024] }))).toEqual([['l1', 2026, 1, '2', '20']]);
});
