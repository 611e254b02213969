/** What a consumer says of how far it has come: whether it stands still, and its figures. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { jest } from '@jest/globals';
import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { pino } from 'pino';
import { type Consumer, startConsumer } from '../src/in/consumer.js';
import { startRebuild } from '../src/in/rebuild.js';
import { registry } from '../src/telemetry.js';
import { heartbeat } from '../src/transport/envelope.js';
import type { ChunkHandler, EventTransport } from '../src/transport/transport.js';
import { chunkOf, counting } from './effects.js';
import { eventually } from './eventually.js';
import { createTally, SOURCE, tally } from './tally.js';

const TOPIC = 'merit.test.v1';
const database = testDatabase({ entities: [], migrations: [chassisMigrations] });
const log = pino({ level: 'silent' });

test('a partition that stands still beside one that moves makes the consumer unready, until it comes forward', async () => {
  const clock = performance.now.bind(performance);
  let ahead = 0;
  const time = jest.spyOn(performance, 'now').mockImplementation(() => clock() + ahead);
  const waiting = [5, 5];
  let handle: ChunkHandler | undefined;
  const transport: EventTransport = {
    ensureTopics: async () => new Map([[TOPIC, waiting.length]]),
    subscribe: async (_group, _topics, onChunk) => {
      handle = onChunk;
      return { ready: () => true, stop: async () => undefined };
    },
    lag: async () => waiting.map((lag, partition) => ({ topic: TOPIC, partition, lag, end: lag })),
    publish: async () => undefined,
    close: async () => undefined,
  };
  const next = [0, 0];
  const beat = async (partition: number) => {
    const record = heartbeat('/merit/test', randomUUID(), new Date(), partition);
    next[partition] = await handle!(chunkOf([{ ...record, offset: next[partition]! }], { partition }));
  };
  const consumer = await startConsumer({
    db: database.db,
    transport,
    group: 'reader',
    subscriptions: [counting(TOPIC)],
    log,
  });
  await eventually(() => handle !== undefined && consumer.ready());
  ahead += 20_000;
  await beat(1);
  expect(consumer.ready()).toBe(true);
  ahead += 20_000;
  await beat(1);
  expect(consumer.ready()).toBe(false);
  await beat(0);
  await eventually(() => consumer.ready());
  ahead += 40_000;
  expect(consumer.ready()).toBe(false);
  waiting.fill(0);
  await eventually(() => consumer.ready());
  await consumer.stop();
  time.mockRestore();
});

describe('the figures', () => {
  let giveUp!: (why: Error) => void;
  let consumer: Consumer;
  /** A transport that gives no answer until the test ends. */
  const silent = async (): Promise<void> => {
    const silence = new Promise<never>((_, reject) => {
      giveUp = reject;
    });
    silence.catch(() => undefined);
    const transport: EventTransport = {
      ensureTopics: () => silence,
      subscribe: () => silence,
      lag: () => silence,
      publish: () => silence,
      close: async () => undefined,
    };
    const subscriptions = [counting(TOPIC)];
    consumer = await startConsumer({ db: database.db, transport, group: 'reader', subscriptions, log });
  };
  afterEach(async () => {
    giveUp(new Error('the broker is away'));
    await consumer.stop();
  });
  const figures = async (name: string) => (await registry.getSingleMetric(name)!.get()).values;
  const of = async (name: string) => (await figures(name)).find(({ labels }) => labels['topic'] === TOPIC)?.value;

  beforeEach(() => database.db.query('truncate consumer_offset, dead_letter, rebuild'));

  test('that the database knows go on while the transport is away', async () => {
    const { db } = database;
    await db.query(
      `insert into consumer_offset (topic, partition, next_offset, as_of) values ($1, 0, 7, now() - interval '1 hour'), ($1, 1, 9, now())`,
      [TOPIC],
    );
    await silent();
    await eventually(async () => (await of('merit_consumer_age_seconds'))! >= 3_600);
    expect((await figures('merit_transport_reading')).find(({ labels }) => labels['group'] === 'reader')?.value).toBe(
      0,
    );
    await setAside('key 1');
    await setAside('key 2');
    await eventually(async () => (await of('merit_dead_letters')) === 2);
    await db.query(`update consumer_offset set next_offset = 8, as_of = now() - interval '10 s' where partition = 0`);
    await eventually(async () => (await of('merit_consumer_age_seconds'))! < 3_600);
    const reached = (await figures('merit_consumer_offset')).filter(({ labels }) => labels['topic'] === TOPIC);
    expect(reached.map(({ value }) => value).sort()).toEqual([8, 9]);
  });

  test('count a partition that was never heard from as old without end', async () => {
    await database.db.query(
      'insert into consumer_offset (topic, partition, as_of) values ($1, 0, now()), ($1, 1, null)',
      [TOPIC],
    );
    await silent();
    await eventually(async () => (await of('merit_consumer_age_seconds')) === Number.POSITIVE_INFINITY);
    expect(await registry.metrics()).toContain(`merit_consumer_age_seconds{topic="${TOPIC}"} +Inf`);
  });

  test('of a rebuild are told without reading what is being built', async () => {
    const { db } = database;
    await createTally(db);
    await db.query('insert into consumer_offset (topic, partition) values ($1, 0), ($1, 1)', [TOPIC]);
    const { id } = await startRebuild(db, tally, { by: 'system', reason: 'it looks wrong', source: SOURCE });
    await db.query(
      `insert into snapshot_seen (source, run, topic, timeline, partitions) values ($1, $2, $3, 1, '{1}')`,
      [SOURCE, id, TOPIC],
    );
    const held = db.createQueryRunner();
    await held.startTransaction();
    await held.query('set local idle_in_transaction_session_timeout = 0');
    await held.query('lock table rebuild_tally.applied_sequence');
    await silent();
    await eventually(async () =>
      (await figures('merit_rebuild_progress')).some(
        ({ labels, value }) => labels['model'] === 'tally' && value === 0.5,
      ),
    );
    await held.rollbackTransaction();
    await held.release();
  });
});

const setAside = (key: string) =>
  database.db.query(
    `insert into dead_letter (event_id, topic, partition, "offset", key, headers, value, code, message, attempts)
     values ($1, $2, 0, 1, $3, '{}', '', 'FAILED', 'it failed', 5)`,
    [randomUUID(), TOPIC, key],
  );
