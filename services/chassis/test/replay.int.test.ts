/** Published events once more: which, in which order, and what it does to those who had them. */
import { randomUUID } from 'node:crypto';
import { chassisMigrations } from '@merit/chassis/database';
import { received, testDatabase } from '@merit/chassis/testing';
import { ReplayRequestedSchema, SnapshotRequestedSchema } from '@merit/proto/events';
import { pino } from 'pino';
import { deliver, startConsumer } from '../src/in/consumer.js';
import { requestsSubscription } from '../src/in/requests.js';
import { encode, type OutboxEvent } from '../src/out/outbox.js';
import { publishedCounts } from '../src/out/published.js';
import { startRelay } from '../src/out/relay.js';
import { replay, replayPart } from '../src/out/replay.js';
import { startSnapshots } from '../src/out/snapshot.job.js';
import { snapshotRuns } from '../src/out/snapshot.js';
import type { EventTransport, LogRecord } from '../src/transport/transport.js';
import { openPostgresLog } from '../src/transport/transport.postgres.js';
import {
  countEffects,
  counting,
  createEffects,
  expectEachOnceInOrder,
  outboxEvent,
  TYPE,
  things,
  write,
  writeMany,
} from './effects.js';
import { eventually } from './eventually.js';

const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const writer = testDatabase({ entities: [], migrations: [chassisMigrations] });
const reader = testDatabase({ entities: [], migrations: [chassisMigrations] });
const eventLog = testDatabase({ entities: [], migrations: [] });

let transport: EventTransport;
let topic: string;
const started: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  transport = openPostgresLog({ url: eventLog.url, log });
  topic = `test.${randomUUID()}`;
  await createEffects(reader.db);
  await writer.db.query(
    'truncate outbox, outbox_line, outbox_parked, event_sequence, lease, snapshot_run, published_count',
  );
  await reader.db.query('truncate effect, consumer_offset, applied_sequence, dead_letter');
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
  await transport.close(5_000);
});

const relay = async () =>
  void started.push(await startRelay({ db: writer.db, transport, source: '/merit/test', topic, log }));
const watch = async (what: string): Promise<LogRecord[]> => {
  const got: LogRecord[] = [];
  const member = await transport.subscribe(`watch ${randomUUID()}`, [what], async ({ records }) => {
    got.push(...records.filter(({ headers }) => 'ce_sequence' in headers));
    return records.at(-1)!.offset + 1;
  });
  started.push(member);
  return got;
};
const waiting = async (): Promise<number> => (await writer.db.query('select count(*)::int as n from outbox_line'))[0].n;
const drained = () => eventually(async () => (await waiting()) === 0);
const numbers = (records: readonly LogRecord[], thing: string) =>
  records.flatMap(({ headers }) =>
    headers['ce_subject'] === `thing/${thing}` ? [Number(headers['ce_sequence'])] : [],
  );
const today = () => new Date().toISOString().slice(0, 10);
const rowsAt = (rows: OutboxEvent[], day: string) =>
  writer.db.query('update outbox set recorded_at = $2 where event_id = any($1)', [rows.map(({ id }) => id), day]);

test('replays that go on while events come leave every effect at once and in order', async () => {
  const day = today();
  const got = await watch(topic);
  await relay();
  const options = { db: reader.db, transport, group: topic, subscriptions: [counting(topic)], log };
  started.push(await startConsumer(options));
  const all = things(10);
  await writeMany(writer.db, all, 5);
  await drained();
  let writing = true;
  const writers = Promise.all(
    [0, 1].map(async () => {
      for (let i = 0; i < 40; i += 1) await writeMany(writer.db, all, 1);
      writing = false;
    }),
  );
  let replayed = 0;
  // However slow the relay is: what it has not published does not come again.
  while (writing || replayed <= 100) replayed += await replay(writer.db, { from: new Date(0) });
  await writers;
  const written = 10 * 85;
  replayed += await replay(writer.db, { subject: `thing/${all[0]}`, fromSequence: 3 });
  await drained();
  await eventually(async () => (await countEffects(reader.db)) >= written && got.length >= written + replayed);
  await expectEachOnceInOrder(reader.db, written);
  expect(await reader.db.query('select * from dead_letter')).toEqual([]);
  const counts = await publishedCounts(writer.db, { from: day, to: today() }); // another, where midnight passed
  expect(new Set(counts.map(({ type }) => type))).toEqual(new Set([TYPE]));
  expect(counts.reduce((sum, { published }) => sum + published, 0)).toBe(written);
});

test('what comes again is what was asked for, in its order', async () => {
  const got = await watch(topic);
  await relay();
  const [a, b] = things(2) as [string, string];
  const old = [outboxEvent(a), outboxEvent(b)];
  await write(writer.db, old);
  await rowsAt(old, '2026-01-31T23:00:00Z');
  await write(writer.db, [outboxEvent(a), outboxEvent(a, { type: 'merit.test.v1.Other' }), outboxEvent(b, { key: a })]);
  await drained();
  await eventually(() => got.length === 5);
  const again = async (filter: Parameters<typeof replay>[1]) => {
    const before = got.length;
    const count = await replay(writer.db, filter);
    await eventually(() => got.length === before + count);
    const records = got.slice(before);
    return { a: numbers(records, a), b: numbers(records, b) };
  };
  expect(await again({ subject: `thing/${a}` })).toEqual({ a: [1, 2, 3], b: [] });
  expect(await again({ subject: `thing/${a}`, fromSequence: 2 })).toEqual({ a: [2, 3], b: [] });
  expect(await again({ key: a })).toEqual({ a: [1, 2, 3], b: [2] });
  expect(await again({ from: new Date('2026-01-01'), to: new Date('2026-02-01') })).toEqual({ a: [1], b: [1] });
  expect(await again({ from: new Date('2026-02-01'), types: [TYPE] })).toEqual({ a: [2], b: [2] });
  await expect(replay(writer.db, { subject: `thing/${randomUUID()}` })).rejects.toMatchObject({ code: 'REPLAY_EMPTY' });
  await expect(replay(writer.db, { types: [TYPE] })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('a long one is done in parts, each going on after the last, and what is under way is not done twice', async () => {
  const [a, b] = things(2) as [string, string];
  for (const thing of [a, a, b, b]) {
    await write(writer.db, [outboxEvent(thing)]);
    // Far apart, as rows of some days are.
    await writer.db.query(`select setval(ids, nextval(ids) + 6000) from pg_get_serial_sequence('outbox', 'id') ids`);
  }
  await writer.db.query('truncate outbox_line');
  const filter = { from: new Date(0) };
  const parts: number[] = [];
  for (let after: string | null = null; ; ) {
    const { events, next } = await replayPart(writer.db, filter, { after, ms: 0 });
    parts.push(events);
    if (next === null) break;
    after = next;
  }
  expect(parts).toEqual([1, 1, 1, 1]);
  expect(await writer.db.query('select again from outbox_line')).toEqual(Array(4).fill({ again: true }));
  // The last part of one that has found something is not empty, though it finds nothing itself.
  const [{ last }] = await writer.db.query('select max(id)::text as last from outbox');
  expect(await replayPart(writer.db, { key: 'nobody', from: filter.from }, { after: last, ms: 0 })).toEqual({
    events: 0,
    next: null,
  });
  expect(await replayPart(writer.db, filter, { after: null, ms: 60_000 })).toEqual({ events: 0, next: null });
});

test('an event counts on the UTC day it was recorded, once, and what the house says of itself does not', async () => {
  const thing = things(1)[0]!;
  const old = [outboxEvent(thing), outboxEvent(thing)];
  await write(writer.db, old);
  await rowsAt(old, '2026-01-31T23:30:00Z');
  const id = randomUUID();
  const before = today();
  await write(writer.db, [
    outboxEvent(thing, { type: 'merit.test.v1.Other' }),
    outboxEvent(id, { aggregateType: 'request', type: SnapshotRequestedSchema.typeName }),
  ]);
  const days = [before, today()];
  await relay();
  await drained();
  await replay(writer.db, { subject: `thing/${thing}` });
  await drained();
  const counts = await publishedCounts(writer.db, { from: '2026-01-01', to: today() });
  expect(counts).toEqual([
    { type: TYPE, day: '2026-01-31', published: 2 },
    { type: 'merit.test.v1.Other', day: expect.any(String), published: 1 },
  ]);
  expect(days).toContain(counts[1]!.day);
  expect(await publishedCounts(writer.db, { from: '2026-02-01', to: '2026-02-02' })).toEqual([]);
});

const replayAsked = (source: string, subject: string, fromSequence: number) =>
  received(
    ReplayRequestedSchema.typeName,
    encode(ReplayRequestedSchema, { requestId: randomUUID(), source, subject, fromSequence, consumer: 'performance' }),
  );

test('a service that misses events asks for them on a topic that all publishers read', async () => {
  const [own, requests] = [await watch(topic), await watch('merit.requests.v1')];
  await relay();
  const id = randomUUID();
  const payload = encode(SnapshotRequestedSchema, { requestId: id, source: '/merit/other', consumer: 'test' });
  await write(writer.db, [
    outboxEvent(id, { aggregateType: 'request', type: SnapshotRequestedSchema.typeName, payload }),
    outboxEvent(things(1)[0]!),
  ]);
  await eventually(() => own.length === 1 && requests.some(({ key }) => key === id));
  const asked = requests.find(({ key }) => key === id)!;
  expect(asked).toMatchObject({
    key: id,
    headers: { ce_subject: `request/${id}`, ce_sequence: '1', ce_type: 'merit.events.v1.SnapshotRequested' },
  });
  expect([...asked.value]).toEqual([...payload]);
});

test('a publisher answers what it is asked, and leaves to others what they are asked', async () => {
  await relay();
  const thing = things(1)[0]!;
  await writeMany(writer.db, [thing], 3);
  await drained();
  const subscriptions = [requestsSubscription({ source: '/merit/test' })];
  await deliver(writer.db, subscriptions, [replayAsked('/merit/other', `thing/${thing}`, 1)]);
  expect(await waiting()).toBe(0);
  const got = await watch(topic);
  await eventually(() => numbers(got, thing).length === 3);
  await deliver(writer.db, subscriptions, [replayAsked('/merit/test', `thing/${thing}`, 2)]);
  await eventually(() => numbers(got, thing).length === 5);
  expect(numbers(got, thing)).toEqual([1, 2, 3, 2, 3]);

  await writer.db.query('delete from outbox where aggregate_id = $1 and aggregate_seq = 2', [thing]);
  await deliver(writer.db, subscriptions, [replayAsked('/merit/test', `thing/${thing}`, 3)]);
  expect(await snapshotRuns(writer.db)).toEqual([]);
  await deliver(writer.db, subscriptions, [replayAsked('/merit/test', `thing/${thing}`, 2)]);
  expect(await snapshotRuns(writer.db)).toMatchObject([
    { requestedBy: 'performance', reason: `thing/${thing} from 2 is no longer in the outbox` },
  ]);
  await writer.db.query('truncate snapshot_run');

  const gone = `thing/${randomUUID()}`;
  await deliver(writer.db, subscriptions, [replayAsked('/merit/test', gone, 4)]);
  expect(await snapshotRuns(writer.db)).toMatchObject([
    { requestedBy: 'performance', reason: `${gone} from 4 is no longer in the outbox` },
  ]);
  const requestId = randomUUID();
  const asks = (source: string) =>
    received(
      SnapshotRequestedSchema.typeName,
      encode(SnapshotRequestedSchema, { requestId, source, consumer: 'competency' }),
    );
  await deliver(writer.db, subscriptions, [asks('/merit/test'), asks('/merit/test'), asks('/merit/other')]);
  expect((await snapshotRuns(writer.db)).map(({ requestedBy }) => requestedBy)).toEqual(['competency', 'performance']);
  expect((await snapshotRuns(writer.db))[0]!.id).toBe(requestId);
});

test('a storm of questions is answered in as many statements as a few', async () => {
  let statements = 0;
  const statementSeen = () => {
    statements += 1;
  };
  writer.db.subscribers.push({ beforeQuery: statementSeen });
  const kept = things(300);
  await writeMany(writer.db, kept, 3);
  await writer.db.query('truncate outbox_line');
  const gone = things(300);
  const subscriptions = [requestsSubscription({ source: '/merit/test' })];
  const count = async (many: number) => {
    statements = 0;
    await deliver(writer.db, subscriptions, [
      ...kept.slice(0, many).flatMap((thing) => [3, 2].map((n) => replayAsked('/merit/test', `thing/${thing}`, n))),
      ...gone.slice(0, many).map((thing) => replayAsked('/merit/test', `thing/${thing}`, 1)),
    ]);
    return statements;
  };
  const few = await count(2);
  expect([await waiting(), (await snapshotRuns(writer.db)).length]).toEqual([4, 2]);
  expect(await count(300)).toBe(few);
  expect([await waiting(), (await snapshotRuns(writer.db)).length]).toEqual([600, 300]);
  const again = await writer.db.query(
    'select every(again) as again, min(aggregate_seq) as first from outbox_line join outbox using (id)',
  );
  expect(again).toEqual([{ again: true, first: 2 }]);
  writer.db.subscribers.pop();
});

test('a storm of questions about one lost thing opens one run, which all of them join until it is told', async () => {
  const subscriptions = [requestsSubscription({ source: '/merit/test' })];
  const [lost, other] = things(2).map((thing) => `thing/${thing}`) as [string, string];
  const storm = async () => {
    for (let part = 0; part < 2; part += 1) {
      const asked = Array.from({ length: 500 }, () => replayAsked('/merit/test', lost, 4));
      await deliver(writer.db, subscriptions, [...asked, replayAsked('/merit/test', other, 2)]);
    }
    return (await snapshotRuns(writer.db)).map(({ reason }) => reason.split(' ')[0]).sort();
  };
  expect(await storm()).toEqual([lost, other].sort());
  const job = startSnapshots({ db: writer.db, sources: [], log });
  await eventually(async () => (await snapshotRuns(writer.db)).every(({ endedAt }) => endedAt !== null));
  await job.stop();
  expect(await storm()).toEqual([lost, lost, other, other].sort());
});

test('a change that is too large to be told of is refused when it is made', async () => {
  const thing = things(1)[0]!;
  await expect(write(writer.db, [outboxEvent(thing, { payload: new Uint8Array(1_000_000) })])).rejects.toMatchObject({
    code: 'EVENT_TOO_LARGE',
  });
  expect(await waiting()).toBe(0);
  await write(writer.db, [outboxEvent(thing, { payload: new Uint8Array(985_000) })]);
  const got = await watch(topic);
  await relay();
  await eventually(() => numbers(got, thing).length === 1);
});
