/** The relay against a real database and a real log; what reads it is in `events.int.test.ts`. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { AccessRecordedSchema } from '@merit/proto/access';
import { pino } from 'pino';
import { DomainError } from '../src/errors.js';
import { keepLease } from '../src/lease.js';
import { append } from '../src/out/outbox.js';
import { clockOf, markPublished, park, readWaiting, removePublished, unpark } from '../src/out/outbox.table.js';
import { publishedCounts } from '../src/out/published.js';
import { type Relay, startRelay } from '../src/out/relay.js';
import { replay } from '../src/out/replay.js';
import { registry } from '../src/telemetry.js';
import { ACCESS_TOPIC, isHeartbeat } from '../src/transport/envelope.js';
import type { EventTransport, LogRecord } from '../src/transport/transport.js';
import { openPostgresLog } from '../src/transport/transport.postgres.js';
import { outboxEvent, TYPE, things, write, writeMany } from './effects.js';
import { eventually } from './eventually.js';

const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const database = testDatabase({ entities: [], migrations: [chassisMigrations] });
const eventLog = testDatabase({ entities: [], migrations: [] });
const source = '/merit/test';

let transport: EventTransport;
let topic: string;
let got: LogRecord[];
const relays: Relay[] = [];

beforeEach(async () => {
  transport = openPostgresLog({ url: eventLog.url, log });
  topic = `test.${randomUUID()}`;
  got = [];
  await database.db.query('truncate outbox, outbox_line, outbox_parked, event_sequence, lease');
  await transport.subscribe(`watch ${topic}`, [topic], async ({ records, partition }) => {
    got.push(...records.map((record) => ({ ...record, partition })));
    return records.at(-1)!.offset + 1;
  });
});
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await transport.close(5_000);
});

const start = async (over: Partial<EventTransport> = {}) => {
  const relay = await startRelay({ db: database.db, transport: { ...transport, ...over }, source, topic, log });
  relays.push(relay);
  return relay;
};
/** As they came, each as often as it came. */
const handed = () => got.filter((record) => !isHeartbeat(record));
/** The first of each: any may come again. */
const events = () => {
  const seen = new Set<string>();
  return handed().filter(({ headers }) => seen.size < seen.add(headers['ce_id']!).size);
};
const beaten = () => new Set(got.filter(isHeartbeat).map(({ partition }) => partition)).size;
const sequencesOf = (thing: string) =>
  events().flatMap(({ headers }) =>
    headers['ce_subject'] === `thing/${thing}` ? [Number(headers['ce_sequence'])] : [],
  );
const waiting = async () => (await database.db.query('select count(*)::int as n from outbox_line'))[0].n;

test('an event is published with its envelope, without waiting for the poll', async () => {
  const relay = await start();
  await eventually(() => relay.ready() && beaten() === 6);
  const [thing] = things(1) as [string];
  const event = outboxEvent(thing, { agencyId: 'agency 1', payload: new Uint8Array([7, 7]) });
  await write(database.db, [event]);
  await eventually(() => events().length === 1);
  const [record] = events();
  expect(record).toMatchObject({
    key: thing,
    headers: {
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: source,
      ce_type: event.type,
      ce_time: event.occurredAt.toISOString(),
      ce_subject: `thing/${thing}`,
      ce_sequence: '1',
      ce_partitionkey: thing,
      ce_dataschema: `urn:merit:proto:${event.type}`,
      ce_actor: 'system',
      ce_agency: 'agency 1',
      'content-type': 'application/protobuf',
    },
  });
  expect(record!.headers).not.toHaveProperty('traceparent');
  expect([...record!.value]).toEqual([7, 7]);
});

test('a drained relay sends a heartbeat to each partition', async () => {
  await start();
  await eventually(() => beaten() === 6);
  expect(got.every(({ headers }) => !('ce_sequence' in headers))).toBe(true);
});

test('a heartbeat claims nothing that an open transaction may still add, and what it adds late is published', async () => {
  const { db } = database;
  const [open, other] = things(2) as [string, string];
  const runner = db.createQueryRunner();
  await runner.startTransaction();
  await runner.query('set local idle_in_transaction_session_timeout = 0');
  await append(runner.manager, [outboxEvent(open)], { actor: 'system', traceparent: null });
  const [{ recorded }] = await runner.query('select recorded_at as recorded from outbox');
  await writeMany(db, [other], 3);
  await start();
  await eventually(() => beaten() === 6 && sequencesOf(other).length === 3);
  for (const { headers } of got.filter(isHeartbeat)) {
    expect(Date.parse(headers['ce_recordedtime']!)).toBeLessThanOrEqual(recorded.getTime());
  }
  await runner.commitTransaction();
  await runner.release();
  await eventually(() => sequencesOf(open).length === 1);
  expect((await clockOf(db)).getTime()).toBeGreaterThan(recorded.getTime());
});

test('while batches are on their way, a row that becomes visible late goes out before those of its own that follow', async () => {
  const { db } = database;
  const [slow] = things(1) as [string];
  const many = things(50);
  const runner = db.createQueryRunner();
  await runner.startTransaction();
  await runner.query('set local idle_in_transaction_session_timeout = 0');
  await append(runner.manager, [outboxEvent(slow)], { actor: 'system', traceparent: null });
  await writeMany(db, many, 100);
  let batches = 0;
  await start({
    publish: async (where, records) => {
      batches += 1;
      if (batches === 1) {
        await runner.commitTransaction();
        await runner.release();
        await writeMany(db, [slow], 2);
      }
      return transport.publish(where, records);
    },
  });
  await eventually(async () => (await waiting()) === 0 && events().length === 5_003);
  expect(sequencesOf(slow)).toEqual([1, 2, 3]);
  for (const thing of many) expect(sequencesOf(thing)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
});

test('many writers at once: everything is published, once and in order, by one relay and its standby', async () => {
  await start();
  await start();
  const all = things(20);
  await Promise.all(Array.from({ length: 8 }, () => writeMany(database.db, all, 10)));
  await eventually(async () => (await waiting()) === 0 && events().length === 1_600);
  for (const thing of all) expect(sequencesOf(thing)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
});

test('a leader that lost its lease between publishing and marking marks nothing; the next one publishes again', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let published = false;
  const [thing] = things(1) as [string];
  await writeMany(database.db, [thing], 3);
  await start({
    publish: async (...args) => {
      await transport.publish(...args);
      published = true;
      await held;
    },
  });
  await eventually(() => published);
  const [{ holder }] = await database.db.query('select holder from lease');
  const depose = () =>
    database.db.query(
      `update lease set expires_at = clock_timestamp(), holder = $1, epoch = epoch + 1 where holder = $2`,
      [randomUUID(), holder],
    );
  await depose();
  await start();
  await eventually(async () => {
    await depose(); // it asks every second too, and may be first
    return (await waiting()) === 0;
  });
  release();
  await relays.shift()!.stop();
  const sequences = () => handed().map(({ headers }) => Number(headers['ce_sequence']));
  await eventually(() => sequences().length >= 6);
  expect(sequences().slice(0, 6)).toEqual([1, 2, 3, 1, 2, 3]);
});

test('under an epoch that is over nothing is marked, parked or counted', async () => {
  const { db } = database;
  const holder = randomUUID();
  const fence = (epoch: number) => ({ name: 'relay:of this test', holder, epoch });
  const [thing] = things(1) as [string];
  await writeMany(db, [thing], 3);
  await db.query('insert into lease values ($1, $2, 2, now())', [fence(2).name, holder]);
  const rows = await readWaiting(db);
  const counted = () => publishedCounts(db, { from: '2000-01-01', to: '2999-01-01' });
  await db.query('truncate published_count');
  expect(await markPublished(db, fence(1), rows)).toBe(false);
  await park(db, fence(1), [{ row: rows[0]!, error: new Error('too large') }]);
  expect([await readWaiting(db), await counted()]).toEqual([rows, []]);
  expect(await markPublished(db, fence(2), rows)).toBe(true);
  expect(await readWaiting(db)).toEqual([]);
  const day = rows[0]!.recorded_at.toISOString().slice(0, 10);
  expect(await counted()).toEqual([{ type: TYPE, day, published: 3 }]);
});

test('how much waits, and since when, is told while the transport is away', async () => {
  const said = async (name: string) => (await registry.getSingleMetric(name)!.get()).values;
  const of = async (name: string) => (await said(name)).find(({ labels }) => labels['topic'] === topic)?.value;
  let giveUp!: (why: Error) => void;
  const silence = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  silence.catch(() => undefined);
  await start({ publish: () => silence, ensureTopics: () => silence });
  await writeMany(database.db, things(1), 3);
  await database.db.query(`update outbox set recorded_at = recorded_at - interval '300 s'`);
  await eventually(async () => (await of('merit_relay_oldest_seconds'))! >= 300);
  expect(await of('merit_relay_backlog')).toBe(3);
  await writeMany(database.db, things(1), 2);
  await eventually(async () => (await of('merit_relay_backlog')) === 5);
  giveUp(new Error('the broker is away'));
});

test('a relay that leads no longer says nothing of the backlog any more', async () => {
  const said = async () => (await registry.getSingleMetric('merit_relay_backlog')!.get()).values;
  const ofTopic = async () => (await said()).filter(({ labels }) => labels['topic'] === topic);
  await writeMany(database.db, things(1), 3);
  await start();
  await eventually(async () => (await ofTopic()).length === 1);
  const rival = randomUUID();
  const deposed = `update lease set holder = $1, epoch = epoch + 1, expires_at = clock_timestamp() + interval '3 s'`;
  await database.db.query(deposed, [rival]);
  const other = keepLease(database.db, `relay:${topic}`, rival, () => undefined);
  await eventually(async () => (await ofTopic()).length === 0);
  await other.release();
});

test('an event that is refused parks its own key; the others go on, and it follows once it is let', async () => {
  const [good, bad] = things(2) as [string, string];
  const refused = outboxEvent(bad);
  let refusing = true;
  await start({
    publish: (where, records) => {
      if (refusing && records.some(({ headers }) => headers['ce_id'] === refused.id)) {
        return Promise.reject(new DomainError('EVENT_REFUSED', 'The broker does not take it.'));
      }
      return transport.publish(where, records);
    },
  });
  await write(database.db, [outboxEvent(good), outboxEvent(bad), refused, outboxEvent(bad), outboxEvent(good)]);
  await eventually(() => sequencesOf(good).length === 2 && sequencesOf(bad).length === 1);
  await write(database.db, [outboxEvent(bad), outboxEvent(good)]);
  await eventually(() => sequencesOf(good).length === 3);
  const parked = () =>
    database.db.query(
      'select aggregate_seq, last_error from outbox_parked join outbox using (id) order by id',
    ) as Promise<unknown[]>;
  await eventually(async () => (await parked()).length === 3);
  expect(await parked()).toEqual([
    { aggregate_seq: 2, last_error: 'The broker does not take it.' },
    { aggregate_seq: 3, last_error: 'An earlier event of this key is parked.' },
    { aggregate_seq: 4, last_error: 'An earlier event of this key is parked.' },
  ]);
  // What came before it and is asked for again goes out meanwhile, and the line is empty then.
  const times = () => handed().filter(({ headers }) => headers['ce_subject'] === `thing/${bad}`).length;
  const before = times();
  expect(await replay(database.db, { key: bad })).toBe(1);
  await eventually(async () => times() > before && (await waiting()) === 0);
  // What a replay put in line while it was being parked stays parked, and is not sent twice.
  const sent = times();
  await database.db.query('insert into outbox_line (id, again) select id, true from outbox_parked');
  await eventually(async () => (await waiting()) === 0);
  expect(times()).toBe(sent);
  expect(await parked()).toHaveLength(3);
  refusing = false;
  expect(await unpark(database.db, topic, bad)).toBe(3);
  await eventually(() => sequencesOf(bad).length === 4);
  expect(sequencesOf(bad)).toEqual([1, 2, 3, 4]);
});

test('a relay that begins without a transport is not ready, and catches up when there is one', async () => {
  let down = true;
  let refused = 0;
  const fails = (method: 'publish' | 'ensureTopics') => ({
    [method]: (...args: unknown[]) => {
      if (!down) return (transport[method] as (...all: unknown[]) => Promise<unknown>)(...args);
      refused += 1;
      return Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    },
  });
  const relay = await start({ ...fails('publish'), ...fails('ensureTopics') });
  const [thing] = things(1) as [string];
  await writeMany(database.db, [thing], 2);
  await eventually(() => refused > 1 && !relay.ready()); // it was ready while it stood by
  down = false;
  await eventually(() => relay.ready() && sequencesOf(thing).length === 2);
});

test('as long as a topic of all services cannot be had, nothing is published again and again', async () => {
  let there = false;
  let published = 0;
  await start({
    ensureTopics: async (topics) => {
      if (!there && topics.includes(ACCESS_TOPIC)) throw new Error(`Kafka has no topic ${ACCESS_TOPIC}`);
      return transport.ensureTopics(topics);
    },
    publish: (to, records) => {
      published += records.filter((record) => !isHeartbeat(record)).length;
      return transport.publish(to, records);
    },
  });
  const [thing] = things(1) as [string];
  await write(database.db, [outboxEvent(thing), { ...outboxEvent(randomUUID()), type: AccessRecordedSchema.typeName }]);
  await pause(1_500); // several attempts
  expect([published, await waiting()]).toEqual([0, 2]);
  there = true;
  await eventually(async () => (await waiting()) === 0 && sequencesOf(thing).length > 0);
  expect([published, sequencesOf(thing)]).toEqual([2, [1]]);
});

test('a relay outlives its database connections', async () => {
  const relay = await start();
  await eventually(() => relay.ready());
  await database.db.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  const [thing] = things(1) as [string];
  await eventually(() =>
    write(database.db, [outboxEvent(thing)]).then(
      () => true,
      () => false,
    ),
  );
  await eventually(() => sequencesOf(thing).length === 1 && relay.ready());
});

test('stopping publishes what waits, and lets the next one lead at once', async () => {
  const [thing] = things(1) as [string];
  const first = await start();
  await eventually(() => beaten() > 0); // it leads
  await writeMany(database.db, [thing], 50);
  await first.stop();
  expect(await waiting()).toBe(0);
  const [lease] = await database.db.query('select expires_at <= clock_timestamp() as free from lease');
  expect(lease).toEqual({ free: true });
});

test('what was published longer ago than it is kept is removed', async () => {
  const { db } = database;
  const [thing] = things(1) as [string];
  await writeMany(db, [thing], 4);
  await db.query(`update outbox set recorded_at = now() - interval '15 days' where aggregate_seq <= 2`);
  await db.query('delete from outbox_line l using outbox o where o.id = l.id and aggregate_seq in (2, 3)');
  expect(await removePublished(db, 14)).toBe(1);
  expect(await removePublished(db, 14)).toBe(0);
  const kept = await db.query('select aggregate_seq from outbox order by id');
  expect(kept).toEqual([{ aggregate_seq: 1 }, { aggregate_seq: 3 }, { aggregate_seq: 4 }]); // the first waits, however old it is
});

test('what a replay is just putting in line is not removed for its age', async () => {
  const { db } = database;
  const [thing] = things(1) as [string];
  await writeMany(db, [thing], 2);
  await db.query(`update outbox set recorded_at = now() - interval '15 days'`);
  await db.query('truncate outbox_line');
  const runner = db.createQueryRunner();
  await runner.startTransaction();
  await replay(runner.manager, { subject: `thing/${thing}`, fromSequence: 2 });
  expect(await removePublished(db, 14)).toBe(1);
  await runner.commitTransaction();
  await runner.release();
  expect(await removePublished(db, 14)).toBe(0);
  expect((await readWaiting(db)).map((row) => row.aggregate_seq)).toEqual([2]);
});
