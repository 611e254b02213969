/** What a person learnt in a year: who sees it, and how it follows what others say of people and years. */
import { randomUUID } from 'node:crypto';
import { fromBinary, toJsonString } from '@bufbuild/protobuf';
import { PUBLIC } from '@merit/chassis/api/viewer';
import { LearningHoursCountedSchema } from '@merit/proto/competency';
import { sources } from '../src/snapshots.js';
import {
  agencyRegistered,
  agencyWithOfficer,
  ask,
  checkpointReached,
  employee,
  employeeCorrected,
  employeeRegistered,
  employeeTransferred,
  enrolled,
  learningOf,
  resultFor,
  sessionIn,
  someone,
  story,
  unitWith,
} from './story.js';

const s = story();
let place: Awaited<ReturnType<typeof agencyWithOfficer>>;
beforeAll(async () => {
  place = await agencyWithOfficer(s);
});
beforeEach(() => s.published());

/** A training that the person finished, of so many hours on 2 to 4 March unless told. */
async function trained(
  employeeId: string,
  over: { hours?: number; startsOn?: string; endsOn?: string; verified?: boolean } = {},
) {
  const { hours = 16, verified = true, ...days } = over;
  const { sessionId } = await sessionIn(s, place, { hours: 100, ...days });
  const id = await enrolled(s, place.officer, sessionId, employeeId);
  const completedAt = `${days.endsOn ?? '2026-03-04'}T09:00:00Z`;
  const { errors } = await s.graph(place.officer, ask.complete, resultFor(id, { hours, verified, completedAt }));
  expect(errors).toBeUndefined();
  return id;
}

const countedIn = async (employeeId: string, year = 2026) =>
  (await learningOf(s, place.officer, employeeId, year)).learning;
const published = async (employeeId: string) =>
  (await s.published())
    .filter(({ type, key }) => type === 'LearningHoursCounted' && key === employeeId)
    .map(({ message: { year, counted, entitlement, version } }) => ({ year, counted, entitlement, version }));

test('is for the person, their supervisors and HR; nobody else', async () => {
  const [headId, memberId, colleagueId] = [randomUUID(), randomUUID(), randomUUID()];
  await s.arrive(...[headId, memberId, colleagueId].map((id) => employeeRegistered(id, place.agencyId)));
  await s.arrive(...unitWith(place.agencyId, [headId, memberId, colleagueId]));
  await trained(memberId);
  const { officer: elsewhere } = await agencyWithOfficer(s);
  for (const viewer of [employee(memberId), employee(headId), place.officer]) {
    expect(await learningOf(s, viewer, memberId)).toMatchObject({ learning: { hours: 16 }, codes: [] });
  }
  for (const viewer of [employee(colleagueId), elsewhere, PUBLIC]) {
    const { learning, codes } = await learningOf(s, viewer, memberId);
    expect([learning, [...new Set(codes)]]).toEqual([null, ['FORBIDDEN']]);
  }
});

test('a person has a ledger as soon as they are known, at 0 too', async () => {
  const employeeId = await someone(s, place.agencyId);
  expect(await published(employeeId)).toEqual([{ year: 2026, counted: '0', entitlement: '20', version: '1' }]);
  expect(await countedIn(employeeId)).toMatchObject({ hours: 0, recorded: 0, entitlement: 20, shortfall: 20 });
});

test('who began in March is entitled to ten months', async () => {
  const employeeId = await someone(s, place.agencyId, { serviceFrom: '2026-03-15' });
  expect(await countedIn(employeeId)).toMatchObject({ entitlement: 16.67, shortfall: 16.67 });
  expect(await countedIn(employeeId, 2025)).toMatchObject({ entitlement: 0, shortfall: 0 });
});

test('a training before its person is kept, and counts once they are known', async () => {
  const employeeId = randomUUID();
  await trained(employeeId);
  expect((await s.published()).map(({ type }) => type)).toEqual(['TrainingCompleted']);
  expect((await learningOf(s, employee(employeeId), employeeId)).learning).toBeNull();
  await s.arrive(employeeRegistered(employeeId, place.agencyId));
  expect(await published(employeeId)).toEqual([{ year: 2026, counted: '16', entitlement: '20', version: '1' }]);
  expect(await countedIn(employeeId)).toMatchObject({ hours: 16 });
});

test('events that come twice change nothing, and publish nothing', async () => {
  const employeeId = await someone(s, place.agencyId);
  await trained(employeeId);
  const before = await s.db.query('select * from ledger where employee_id = $1', [employeeId]);
  await s.published();
  await s.arrive(employeeRegistered(employeeId, place.agencyId), checkpointReached(place.agencyId));
  await s.arrive(checkpointReached(place.agencyId), employeeCorrected(employeeId, {}));
  expect(await published(employeeId)).toEqual([]);
  expect(await s.db.query('select * from ledger where employee_id = $1', [employeeId])).toEqual(before);
});

test('a correction of what somebody is counts their hours anew', async () => {
  const employeeId = await someone(s, place.agencyId);
  await trained(employeeId, { hours: 30, startsOn: '2026-03-02', endsOn: '2026-03-06' });
  await s.published();
  await s.arrive(
    employeeCorrected(employeeId, { kind: 'PPPK', serviceFrom: '2026-01-01', contractFrom: '2026-01-01' }),
  );
  expect(await published(employeeId)).toEqual([{ year: 2026, counted: '24', entitlement: '24', version: '3' }]);
  const learning = await countedIn(employeeId);
  expect(learning).toMatchObject({ hours: 24, recorded: 30, entitlement: 24, shortfall: 0 });
  expect(learning.records.edges[0].node).toMatchObject({ hours: 30, counted: 24, reason: 'CAP_CONTRACT_YEAR' });
});

test('the cap of a contract year binds two calendar years, whatever is entered first', async () => {
  const person = { kind: 'PPPK', serviceFrom: '2025-07-01', contractFrom: '2025-07-01' } as const;
  const employeeId = await someone(s, place.agencyId, person);
  await trained(employeeId, { startsOn: '2026-03-02', endsOn: '2026-03-04', hours: 20 });
  expect(await countedIn(employeeId)).toMatchObject({ hours: 20 });
  await s.published();
  await trained(employeeId, { startsOn: '2025-12-01', endsOn: '2025-12-02', hours: 10 });
  expect(await published(employeeId)).toEqual([
    { year: 2025, counted: '10', entitlement: '24', version: '1' },
    { year: 2026, counted: '14', entitlement: '24', version: '3' },
  ]);
  expect(await countedIn(employeeId)).toMatchObject({ hours: 14, recorded: 20 });
});

test('hours fall in the years of their days', async () => {
  const employeeId = await someone(s, place.agencyId);
  await trained(employeeId, { startsOn: '2025-12-31', endsOn: '2026-01-02', hours: 16 });
  expect(await countedIn(employeeId, 2025)).toMatchObject({ hours: 5.33 });
  expect(await countedIn(employeeId, 2026)).toMatchObject({ hours: 10.67 });
});

test('what is not verified is recorded, and counts once it is', async () => {
  const employeeId = await someone(s, place.agencyId);
  const id = await trained(employeeId, { verified: false });
  const before = await countedIn(employeeId);
  expect(before).toMatchObject({ hours: 0, recorded: 16 });
  expect(before.records.edges[0].node).toMatchObject({ counted: 0, reason: 'NOT_VERIFIED' });
  await s.graph(place.officer, ask.correct, { input: { enrolmentId: id, verified: true, reason: 'Seen' } });
  expect(await countedIn(employeeId)).toMatchObject({ hours: 16, recorded: 16 });
});

test('trainings that met at the same time count once', async () => {
  const employeeId = await someone(s, place.agencyId);
  const day = { startsOn: '2026-03-02', endsOn: '2026-03-02' };
  for (const [meetsFrom, meetsTo] of [
    ['09:00', '12:00'],
    ['10:30', '13:30'],
  ]) {
    const { sessionId } = await sessionIn(s, place, { ...day, meetsFrom, meetsTo });
    const id = await enrolled(s, place.officer, sessionId, employeeId);
    await s.graph(place.officer, ask.complete, resultFor(id, { hours: 4, completedAt: '2026-03-02T09:00:00Z' }));
  }
  expect(await countedIn(employeeId)).toMatchObject({ hours: 6, recorded: 8 });
});

describe('when the first month of a year begins in an agency', () => {
  test('all whom it employs have a ledger of that year, at 0 too, and once', async () => {
    const agencyId = randomUUID();
    const people = Array.from({ length: 1_200 }, () => randomUUID());
    await s.arrive(agencyRegistered(agencyId), ...people.map((id) => employeeRegistered(id, agencyId)));
    await s.published();
    await s.arrive(checkpointReached(agencyId, '2027-01-01'));
    const events = await s.published();
    expect(new Set(events.map(({ message }) => message['employeeId']))).toEqual(new Set(people));
    expect(events).toHaveLength(people.length);
    expect(events[0]!.message).toMatchObject({ year: 2027, entitlement: '20', version: '1' });
    await s.arrive(checkpointReached(agencyId, '2027-02-01'));
    expect(await s.published()).toEqual([]);
  });

  test('who comes later has one from the beginning, in whatever order it is heard', async () => {
    const agencyId = randomUUID();
    await s.arrive(agencyRegistered(agencyId), checkpointReached(agencyId, '2025-01-01'));
    const [old, young] = [await someone(s, agencyId), await someone(s, agencyId, { serviceFrom: '2026-02-01' })];
    expect((await published(old)).map(({ year }) => year)).toEqual([2025, 2026]);
    expect(await countedIn(young, 2025)).toBeNull(); // another agency's officer is asking
    const rows = await s.db.query('select year from ledger where employee_id = $1', [young]);
    expect(rows).toEqual([{ year: 2026 }]);
  });

  test('who moves to the agency has one there', async () => {
    const agencyId = randomUUID();
    await s.arrive(agencyRegistered(agencyId), checkpointReached(agencyId, '2024-01-01'));
    const employeeId = await someone(s, place.agencyId);
    await s.published();
    await s.arrive(employeeTransferred(employeeId, place.agencyId, agencyId, '2026-06-01'));
    expect((await published(employeeId)).map(({ year }) => year)).toEqual([2024]);
  });
});

test('a page of records goes on where the last ended', async () => {
  const employeeId = await someone(s, place.agencyId);
  for (const day of ['2026-03-04', '2026-03-02', '2026-03-03'])
    await trained(employeeId, { startsOn: day, endsOn: day, hours: 1 });
  const query = `query ($id: ID!, $first: Int, $after: String) {
    _entities(representations: [{ __typename: "Employee", id: $id }]) { ... on Employee {
      learning(year: 2026) { asOf records(first: $first, after: $after) { edges { node { startsOn } } pageInfo { endCursor hasNextPage } } }
      enrolments(first: 2) { edges { node { status } } pageInfo { hasNextPage } }
    } }
  }`;
  const first = (await s.graph(place.officer, query, { id: employeeId, first: 2 })).data._entities[0];
  expect(first.enrolments).toEqual({
    edges: [{ node: { status: 'COMPLETED' } }, { node: { status: 'COMPLETED' } }],
    pageInfo: { hasNextPage: true },
  });
  const days = ({ learning }: typeof first) =>
    learning.records.edges.map(({ node }: { node: { startsOn: string } }) => node.startsOn);
  expect(days(first)).toEqual(['2026-03-02', '2026-03-03']);
  const after = first.learning.records.pageInfo.endCursor;
  const second = (await s.graph(place.officer, query, { id: employeeId, first: 2, after })).data._entities[0];
  expect(days(second)).toEqual(['2026-03-04']);
  const tooMany = await s.graph(place.officer, query, { id: employeeId, first: 101 });
  expect(tooMany.errors?.[0].extensions).toMatchObject({ code: 'PAGE_TOO_LARGE' });
});

test.each([
  [-1, 'YEAR_OUT_OF_RANGE'],
  [1e9, 'YEAR_OUT_OF_RANGE'],
])('the year %i is refused', async (year, code) => {
  const { codes } = await learningOf(s, place.officer, place.officerId, year);
  expect(codes).toEqual(expect.arrayContaining([code]));
});

test('a snapshot tells each ledger as its last event did, and of trainings their numbers', async () => {
  const last: { id: string; key: string; eventId: string; payload: Buffer; occurredAt: Date }[] = await s.db.query(
    `select distinct on (aggregate_id) aggregate_id as id, key, event_id as "eventId", payload, occurred_at as "occurredAt"
       from outbox where aggregate_type = 'learning' order by aggregate_id, aggregate_seq desc`,
  );
  const [learning, enrolment] = sources;
  const told = await learning!.read(s.db.manager, null, 10_000);
  expect(told.length).toBeGreaterThan(1_200); // some with trainings that were corrected, revoked, capped
  expect(told.filter(({ parts }) => textOf(parts[0]!.payload).includes('"records"')).length).toBeGreaterThan(10);
  expect(told.map(({ id, key, parts: [part] }) => [id, key, part!.eventId, part!.occurredAt])).toEqual(
    last.map(({ id, key, eventId, occurredAt }) => [id, key, eventId, occurredAt]),
  );
  expect(told.map(({ parts }) => textOf(parts[0]!.payload))).toEqual(last.map(({ payload }) => textOf(payload)));
  const half = await learning!.read(s.db.manager, told[99]!.id, 50);
  expect(half).toEqual(told.slice(100, 150));

  const trainings = await enrolment!.read(s.db.manager, null, 10_000);
  const rows = await s.db.query(
    `select distinct aggregate_id as id, key from outbox where aggregate_type = 'enrolment' order by 1`,
  );
  expect(trainings.map(({ id, key, parts }) => ({ id, key, parts: parts.length }))).toEqual(
    rows.map((row: object) => ({ ...row, parts: 0 })),
  );
});

const textOf = (payload: Uint8Array) =>
  toJsonString(LearningHoursCountedSchema, fromBinary(LearningHoursCountedSchema, payload));
