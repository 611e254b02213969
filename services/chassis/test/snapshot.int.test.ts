/** Snapshots beside commands that go on: a reader who begins with one ends where the publisher is. */
import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { SnapshotEndedSchema } from '@merit/proto/events';
import { pino } from 'pino';
import { type Relay, startRelay } from '../src/out/relay.js';
import { type Snapshots, startSnapshots } from '../src/out/snapshot.job.js';
import { requestSnapshot, requestSnapshots, type SnapshotSource, snapshotRuns } from '../src/out/snapshot.js';
import { raiseTimeline, timelineOf } from '../src/out/timeline.js';
import { isSnapshotEnded } from '../src/transport/envelope.js';
import type { EventTransport, LogRecord } from '../src/transport/transport.js';
import { openPostgresLog } from '../src/transport/transport.postgres.js';
import { add, balances, balancesOf, createBalances, read } from './balances.js';
import { startChild } from './child/child.js';
import { things } from './effects.js';
import { eventually } from './eventually.js';

const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const database = testDatabase({ entities: [], migrations: [chassisMigrations], poolSize: 20 });
const eventLog = testDatabase({ entities: [], migrations: [] });
const asked = { by: 'employee/1', reason: 'a test' };

let transport: EventTransport;
let got: LogRecord[];
let relay: Relay;
const jobs: Snapshots[] = [];

beforeEach(async () => {
  transport = openPostgresLog({ url: eventLog.url, log });
  const topic = `test.${randomUUID()}`;
  got = [];
  const seen = new Set<string>();
  await createBalances(database.db);
  await database.db.query(
    'truncate outbox, outbox_line, outbox_parked, event_sequence, lease, balance, snapshot_run, timeline',
  );
  await transport.subscribe(`watch ${topic}`, [topic], async ({ records, partition }) => {
    // The first of each: any may come again.
    const fresh = records.filter(({ headers }) => seen.size < seen.add(headers['ce_id']!).size);
    got.push(...fresh.map((record) => ({ ...record, partition })));
    return records.at(-1)!.offset + 1;
  });
  relay = await startRelay({ db: database.db, transport, source: '/merit/test', topic, log });
});
afterEach(async () => {
  await Promise.all(jobs.splice(0).map((job) => job.stop()));
  await relay.stop();
  await transport.close(5_000);
});

const start = (source: SnapshotSource = balances) => {
  const job = startSnapshots({ db: database.db, sources: [source], log });
  jobs.push(job);
  return job;
};
const ended = async (run: string) =>
  (await snapshotRuns(database.db)).some(({ id, endedAt }) => id === run && endedAt !== null);
const drained = async () => (await database.db.query('select count(*)::int as n from outbox_line'))[0].n === 0;
const endsOf = (run: string) =>
  got.filter((record) => isSnapshotEnded(record) && record.headers['ce_snapshot'] === run);
const toldOf = (run: string) =>
  got.filter(({ headers }) => headers['ce_snapshot'] === run && headers['ce_subject']?.startsWith('thing/'));
const published = () =>
  eventually(async () => {
    const [{ n }] = await database.db.query(`select count(*)::int as n from outbox where aggregate_type = 'thing'`);
    return (await drained()) && got.filter(({ headers }) => 'ce_subject' in headers).length >= n;
  });

test('whoever begins with any of many runs, while commands go on, ends with the publisher’s own state', async () => {
  const all = things(30);
  await add(database.db, all, 1);
  start();
  let writing = true;
  const writer = async () => {
    while (writing) {
      const some = all.filter(() => Math.random() < 0.1);
      if (some.length > 0) await add(database.db, some, Math.ceil(Math.random() * 100));
    }
  };
  const writers = Promise.all(Array.from({ length: 6 }, writer));
  const runs: string[] = [];
  for (let i = 0; i < 12; i += 1) {
    const run = await requestSnapshot(database.db, asked);
    runs.push(run);
    await eventually(() => ended(run));
  }
  writing = false;
  await writers;
  await published();
  await eventually(() => endsOf(runs.at(-1)!).length === 6);
  const truth = await balancesOf(database.db);
  for (const run of runs) expect(read(got, run)).toEqual(truth);
});

test('each partition hears of the end after the last snapshot, and the end says how much it was', async () => {
  await add(database.db, things(20), 5);
  start();
  const run = await requestSnapshot(database.db, asked);
  await eventually(() => endsOf(run).length === 6);
  const ends = endsOf(run);
  expect(ends.map(({ value }) => fromBinary(SnapshotEndedSchema, value))).toEqual(
    ends.map(() => expect.objectContaining({ runId: run, timeline: 1, aggregates: 20 })),
  );
  expect(ends.some(({ headers }) => 'ce_sequence' in headers || 'ce_subject' in headers)).toBe(false);
  expect(toldOf(run)).toHaveLength(20);
  for (const end of ends) {
    const there = got.filter(({ partition }) => partition === end.partition);
    expect(there.slice(there.indexOf(end)).filter(({ headers }) => 'ce_subject' in headers)).toEqual([]);
  }
  const [one] = await snapshotRuns(database.db);
  expect(one).toMatchObject({ id: run, requestedBy: 'employee/1', reason: 'a test', aggregates: 20, tooLarge: 0 });
});

test('a run that was killed between chunks goes on where it was: each aggregate is told once', async () => {
  const all = things(3_000);
  await add(database.db, all, 7);
  const run = await requestSnapshot(database.db, asked);
  const told = async () => (await snapshotRuns(database.db))[0]!.aggregates;
  // A command holds the last one, so that the run cannot come to its end before it is killed.
  const runner = database.db.createQueryRunner();
  await runner.startTransaction();
  await runner.query(`set local idle_in_transaction_session_timeout = 0`);
  await runner.query('select from event_sequence where aggregate_id = $1 for update', [[...all].sort().at(-1)]);
  const killed = startChild('snapshots.ts', [database.url], {});
  await eventually(async () => (await told()) > 0, killed.errors);
  await killed.kill();
  await runner.rollbackTransaction();
  await runner.release();
  const before = await told();
  expect(before).toBeLessThan(3_000);
  start();
  await eventually(() => endsOf(run).length === 6);
  expect(toldOf(run)).toHaveLength(3_000);
  expect(read(got, run)).toEqual(await balancesOf(database.db));
});

test('two processes tell each aggregate once', async () => {
  await add(database.db, things(2_000), 7);
  start();
  start();
  const run = await requestSnapshot(database.db, asked);
  await eventually(() => endsOf(run).length === 6);
  expect(toldOf(run)).toHaveLength(2_000);
});

test('a command that holds an aggregate and wants another is not refused for the sake of a snapshot', async () => {
  const [first, second] = things(2).sort() as [string, string];
  await add(database.db, [first, second], 1);
  const runner = database.db.createQueryRunner();
  await runner.startTransaction();
  await runner.query('set local idle_in_transaction_session_timeout = 0');
  await runner.query('update event_sequence set last_seq = last_seq + 1 where aggregate_id = $1', [second]);
  start();
  const run = await requestSnapshot(database.db, asked);
  await eventually(async () => {
    const [{ n }] = await database.db.query(
      `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return n > 0;
  });
  await runner.query('update event_sequence set last_seq = last_seq + 1 where aggregate_id = $1', [first]);
  await runner.rollbackTransaction();
  await runner.release();
  await eventually(() => endsOf(run).length === 6);
  expect(toldOf(run)).toHaveLength(2);
});

test('of one aggregate alone: its own snapshot, and no end', async () => {
  const [one, other] = things(2) as [string, string];
  await add(database.db, [one, other], 4);
  start();
  const run = randomUUID();
  await requestSnapshots(database.db, [{ ...asked, id: run, subject: `thing/${one}` }]);
  await eventually(() => ended(run));
  await published();
  expect(toldOf(run).map(({ headers }) => headers['ce_subject'])).toEqual([`thing/${one}`]);
  expect(toldOf(run)[0]!.headers).toMatchObject({ ce_sequence: '1', ce_agency: 'agency 1', ce_actor: 'system' });
  expect(endsOf(run)).toEqual([]);
  const none = requestSnapshots(database.db, [{ ...asked, id: randomUUID(), subject: 'thing' }]);
  await expect(none).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('a state that no record can hold is passed over, and then the run does not say that it is complete', async () => {
  const [small, large] = things(2) as [string, string];
  await add(database.db, [small, large], 1);
  start({
    ...balances,
    read: async (...args) =>
      (await balances.read(...args)).map((state) =>
        state.id === large ? { ...state, parts: [{ ...state.parts[0]!, payload: Buffer.alloc(1_000_000) }] } : state,
      ),
  });
  const run = await requestSnapshot(database.db, asked);
  await eventually(() => ended(run));
  await published();
  expect(toldOf(run).map(({ headers }) => headers['ce_subject'])).toEqual([`thing/${small}`]);
  expect(endsOf(run)).toEqual([]);
  expect(await snapshotRuns(database.db)).toMatchObject([{ aggregates: 1, tooLarge: 1 }]);
});

test('asked for twice with one id it is one run', async () => {
  const id = randomUUID();
  expect(await requestSnapshot(database.db, { ...asked, id })).toBe(id);
  expect(await requestSnapshot(database.db, { ...asked, id })).toBe(id);
  expect(await snapshotRuns(database.db)).toHaveLength(1);
});

test('a run that began before the timeline was raised tells everything anew under it, and then ends', async () => {
  const all = things(3).sort();
  await add(database.db, all, 1);
  const run = await requestSnapshot(database.db, asked);
  // As it stood when two of the three were told, and as a restored database would know of it.
  await database.db.query(
    `update snapshot_run set timeline = 1, aggregate_type = 'thing', aggregate_id = $1, aggregates = 2, started_at = now()`,
    [all[1]],
  );
  const raised = await raiseTimeline(database.db, asked);
  start();
  await eventually(() => endsOf(run).length === 6);
  expect(new Set(toldOf(run).map(({ headers }) => headers['ce_subject']))).toEqual(
    new Set(all.map((id) => `thing/${id}`)),
  );
  const one = (await snapshotRuns(database.db)).find(({ id }) => id === run);
  expect(one).toMatchObject({ timeline: raised, aggregates: 3 });
});

test('once the timeline is raised, everything goes out under it, and a snapshot tells it', async () => {
  const all = things(5);
  expect(await timelineOf(database.db)).toBe(1);
  await add(database.db, all, 1);
  await published();
  expect(got.some(({ headers }) => 'ce_timeline' in headers)).toBe(false);
  const before = got.length;
  const raised = await raiseTimeline(database.db, asked);
  expect(raised).toBeGreaterThan(1);
  expect(await timelineOf(database.db)).toBe(raised);
  expect(await raiseTimeline(database.db, asked)).toBe(raised + 1);
  await add(database.db, all, 1);
  start();
  const runs = await snapshotRuns(database.db);
  for (const { id } of runs) await eventually(() => endsOf(id).length === 6);
  const after = got.slice(before).filter(({ headers }) => headers['ce_subject']);
  expect(after).toHaveLength(15);
  expect(new Set(after.map(({ headers }) => headers['ce_timeline']))).toEqual(new Set([String(raised + 1)]));
});
