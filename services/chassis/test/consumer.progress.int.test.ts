/** Whether a consumer says that it stands still. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { jest } from '@jest/globals';
import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { pino } from 'pino';
import { startConsumer } from '../src/in/consumer.js';
import { heartbeat } from '../src/transport/envelope.js';
import type { ChunkHandler, EventTransport } from '../src/transport/transport.js';
import { chunkOf, counting } from './effects.js';
import { eventually } from './eventually.js';

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
    lag: async () => waiting.map((lag, partition) => ({ topic: TOPIC, partition, lag })),
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
