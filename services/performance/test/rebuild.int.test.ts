import { randomUUID } from 'node:crypto';
import { deliver } from '@merit/chassis/in/consumer';
import fc from 'fast-check';
import { eventually } from '../../chassis/test/eventually.js';
import { subscriptions } from '../src/consumers.js';
import { workOff } from '../src/score/backlog.commands.js';
import { startScoreBacklog } from '../src/score/backlog.job.js';
import {
  admin,
  agencyRegistered,
  as,
  away,
  complaintResolved,
  dataOf,
  employeeRegistered,
  hoursCounted,
  OPEN_PERIOD,
  positionAssigned,
  satisfactionMeasured,
  scene,
  serviceAssigned,
  serviceRegistered,
  unitRegistered,
} from './scene.js';

const house = scene('2026-06-15T03:00:00Z');
const { give, graph } = house;
const [agency, unit] = [randomUUID(), randomUUID()];
const people = Array.from({ length: 700 }, () => randomUUID());
const services = Array.from({ length: 5 }, () => randomUUID());

const REBUILD = `mutation Rebuild($input: RebuildScoresInput!) { rebuildScores(input: $input) { scores different next } }`;
const reason = 'for a test';
const rebuild = async (input = {}) =>
  dataOf(await graph(admin, REBUILD, { input: { reason, ...input } })).rebuildScores;
/** Everyone, call after call. */
async function rebuildAll(people?: number) {
  const all = { scores: 0, different: 0, calls: 0 };
  for (let after: string | null = null; ; ) {
    const { scores, different, next } = await rebuild({ after, ...(people ? { people } : {}) });
    all.scores += scores;
    all.different += different;
    all.calls += 1;
    if (next === null) return all;
    after = next;
  }
}

/** Of the order in which events arrive. */
const SEED = 20_260_615;

/** Lives of many, in no order: every score has parts of all that events bring. */
beforeAll(async () => {
  await give(agencyRegistered(agency), unitRegistered(unit, agency));
  dataOf(await graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
  const events = [
    ...people.flatMap((id, n) => [
      employeeRegistered(id, agency, `20${10 + (n % 16)}-0${1 + (n % 9)}-01`),
      positionAssigned(id, unit, { leading: n === 0 }),
      hoursCounted(id, randomUUID(), [n % 13, n % 5]),
      serviceAssigned(id, services[n % 5]!, `2026-0${1 + (n % 5)}-01`),
      ...(n % 4 === 0 ? [away(id, '2026-02-10', '2026-03-20')] : []),
    ]),
    ...services.flatMap((id, n) => [
      serviceRegistered(id, unit),
      satisfactionMeasured(id, unit, '2026-04-30', 20 + n * 5, 3.1),
      ...[true, false, true, true, true, n > 2].map((inTime) => complaintResolved(id, unit, inTime)),
    ]),
  ];
  const length = events.length;
  const [shuffled] = fc.sample(fc.shuffledSubarray(events, { minLength: length, maxLength: length }), {
    numRuns: 1,
    seed: SEED,
  });
  for (let n = 0; n < length; n += 400) await give(...shuffled!.slice(n, n + 400));
});

const all = () =>
  house.database.db.query(
    `select s.employee_id, s.version, v.value, v.band, v.coverage, v.parts::text
       from score s join score_version v on v.score_id = s.id and v.version = s.version order by 1`,
  );

test('the rebuilt scores are the live ones, to the last letter', async () => {
  const before = await all();
  expect(before).toHaveLength(700);
  expect(new Set(before.map(({ value }: { value: string }) => value)).size).toBeGreaterThan(50);
  expect(await rebuildAll()).toEqual({ scores: 700, different: 0, calls: 2 });
  expect(await all()).toEqual(before);
});

test('what was wrong is found, counted, replaced, and said', async () => {
  const before = await all();
  const { db } = house.database;
  const wrong = people.slice(0, 30);
  await db.query(
    `update score_version v set value = 12.34 from score s
      where v.score_id = s.id and v.version = s.version and s.employee_id = any($1)`,
    [wrong],
  );
  await db.query('delete from score where employee_id = any($1)', [people.slice(30, 40)]);
  const [{ count }] = await db.query('select count(*)::int from outbox');
  const asIs = await all();
  const CHECK = `mutation ($input: RebuildScoresInput!) { rebuildScores(input: $input) {
    scores different differences { employeeId year live anew } } }`;
  const checked = dataOf(await graph(admin, CHECK, { input: { check: true, people: 1_000 } })).rebuildScores;
  expect(checked).toMatchObject({ scores: 700, different: 40 });
  const valued = new Map(before.map((row: { employee_id: string; value: string }) => [row.employee_id, row.value]));
  const found = people.slice(0, 40).map((employeeId, n) => ({
    ...{ employeeId, year: 2026, live: n < 30 ? 12.34 : null },
    anew: Number(valued.get(employeeId)),
  }));
  const byId = (a: { employeeId: string }, b: { employeeId: string }) => (a.employeeId < b.employeeId ? -1 : 1);
  expect([...checked.differences].sort(byId)).toEqual(found.sort(byId));
  expect([await all(), (await db.query('select count(*)::int from outbox'))[0].count]).toEqual([asIs, count]);
  expect(await rebuildAll()).toMatchObject({ scores: 700, different: 40 });
  const values = (rows: { employee_id: string; value: string; parts: string }[]) =>
    rows.map((row) => [row.employee_id, row.value, row.parts]);
  expect(values(await all())).toEqual(values(before));
  expect((await db.query('select count(*)::int from outbox'))[0].count - count).toBe(40);
  expect(await rebuildAll()).toMatchObject({ different: 0 });
});

test('who replaces scores says why, and it is kept; who only checks need not', async () => {
  const { errors } = await graph(admin, REBUILD, { input: {} });
  expect(errors?.[0].extensions).toMatchObject({ code: 'TEXT_REQUIRED', field: 'reason' });
  await house.database.db.query('truncate operation_audit');
  const input = { people: 1, reason: 'a bug wrote them', idempotencyKey: 'one' };
  const first = await rebuild(input);
  expect(await rebuild(input)).toEqual(first);
  expect(await rebuild({ people: 1, check: true, reason: null })).toEqual(first);
  expect(await house.database.db.query('select action, reason, done_by, outcome from operation_audit')).toEqual([
    { action: 'rebuildScores', reason: 'a bug wrote them', done_by: 'operator/admin', outcome: 'DONE' },
  ]);
});

test('it is done in parts, each going on after the last: 500 people unless told, 1,000 at most', async () => {
  expect(await rebuildAll(150)).toEqual({ scores: 700, different: 0, calls: 5 });
  const { scores, next } = await rebuild();
  expect([scores, next]).toEqual([500, [...people].sort()[499]]);
  expect(await rebuild({ people: 1_000 })).toEqual({ scores: 700, different: 0, next: null });
});

test.each([0, -1, 1_001])('%p people are refused', async (count) => {
  const { errors } = await graph(admin, REBUILD, { input: { people: count, reason } });
  expect(errors?.[0].extensions).toMatchObject({ code: 'PEOPLE_OUT_OF_RANGE', field: 'people' });
});

test('is for ADMIN alone', async () => {
  const { errors } = await graph(as(people[0]!), REBUILD, { input: {} });
  expect(errors?.[0].extensions.code).toBe('FORBIDDEN');
});

describe('under a storm', () => {
  test('whatever comes at once, the scores are those of a rebuild', async () => {
    const { db } = house.database;
    const crowd = people.slice(0, 120);
    // A chunk is of one topic, as the consumer's are; several partitions are read at once.
    const topics = [
      crowd.map((id, n) => hoursCounted(id, `${id.slice(0, -4)}abcd`, [n % 7], 100 + n)),
      crowd.map((id) => away(id, '2026-05-01', '2026-05-10')),
      crowd.map((id, n) => serviceAssigned(id, services[(n + 1) % 5]!, '2026-01-01')),
      services.map((id, n) => satisfactionMeasured(id, unit, '2026-05-31', 30 + n, 3.4)),
    ];
    const writers = topics.flatMap((events) => [0, 1].map((half) => events.filter((_, n) => n % 2 === half)));
    const draining = { on: true };
    const drains = [0, 1].map(async () => {
      while (draining.on) if (!(await workOff(db, house.by))) await db.query('select 1');
    });
    await Promise.all(
      writers.map(async (events) => {
        for (let n = 0; n < events.length; n += 15) {
          await retried(() => deliver(db, subscriptions(house.by), events.slice(n, n + 15)));
        }
      }),
    );
    draining.on = false;
    await Promise.all(drains);
    await house.workOffAll();
    expect(await rebuildAll()).toMatchObject({ scores: 700, different: 0 });
  });

  /** As the consumer does: a deadlock or a lock that took too long is tried again. */
  async function retried(work: () => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt === 5 || !['40P01', '55P03'].includes((error as { code: string }).code)) throw error;
      }
    }
  }
});

test('the job works off what was noted, without being asked', async () => {
  const [service, id] = [randomUUID(), randomUUID()];
  await give(employeeRegistered(id, agency), serviceAssigned(id, service));
  const log = { warn: (...told: unknown[]) => fail(String(told)) } as never;
  const job = startScoreBacklog({ db: house.database.db, by: house.by, log });
  await deliver(house.database.db, subscriptions(house.by), [satisfactionMeasured(service, unit, '2026-05-31', 40, 3)]);
  await eventually(async () => (await house.database.db.query('select 1 from score_backlog')).length === 0);
  await job.stop();
  const score = `select v.parts->3->>'attainment' as p from score s join score_version v on v.score_id = s.id and v.version = s.version where employee_id = $1`;
  expect(await house.database.db.query(score, [id])).toEqual([{ p: '75.00' }]);
});
