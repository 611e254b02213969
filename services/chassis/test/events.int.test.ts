/** From one database to another: what a command wrote takes effect there once and in order, whatever happens on the way. */
import { randomUUID } from 'node:crypto';
import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { pino } from 'pino';
import { type Consumer, startConsumer } from '../src/in/consumer.js';
import { type Relay, startRelay } from '../src/out/relay.js';
import { heartbeat } from '../src/transport/envelope.js';
import type { EventTransport } from '../src/transport/transport.js';
import { openTransport, type TransportEnv } from '../src/transport/transport.open.js';
import { type Child, startChild } from './child/child.js';
import { countEffects, counting, createEffects, expectEachOnceInOrder, things, writeMany } from './effects.js';
import { eventually } from './eventually.js';

const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const writer = testDatabase({ entities: [], migrations: [chassisMigrations] });
const reader = testDatabase({ entities: [], migrations: [chassisMigrations] });
const eventLog = testDatabase({ entities: [], migrations: [] });
const kafka = process.env['MERIT_TEST_KAFKA'];

describe('through the log in PostgreSQL', () => travels({ EVENT_LOG_URL: eventLog.url }));
(kafka ? describe : describe.skip)('through Kafka', () => travels({ KAFKA_BROKERS: kafka }));

function travels(env: TransportEnv) {
  let topic: string;
  let group: string;
  const started: { stop(): Promise<void> }[] = [];
  const open: EventTransport[] = [];

  beforeEach(async () => {
    topic = `test.${randomUUID()}`;
    group = `group.${randomUUID()}`;
    await writer.db.query('truncate outbox, outbox_line, outbox_parked, event_sequence, lease');
    await createEffects(reader.db);
    await reader.db.query('truncate effect, consumer_offset, applied_sequence, dead_letter');
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((each) => each.stop()));
    await Promise.all(open.splice(0).map((transport) => transport.close(5_000)));
  });

  const connect = async () => {
    const transport = await openTransport(env, log);
    open.push(transport);
    return transport;
  };
  const relay = async (): Promise<Relay> => {
    const it = await startRelay({ db: writer.db, transport: await connect(), source: '/merit/test', topic, log });
    started.push(it);
    return it;
  };
  const consumer = async (): Promise<Consumer> => {
    const options = { db: reader.db, transport: await connect(), group, subscriptions: [counting(topic)], log };
    const it = await startConsumer(options);
    started.push(it);
    return it;
  };
  const child = (program: string, ...args: string[]): Child => startChild(program, args, env as Record<string, string>);
  const applied = (events: number) => eventually(async () => (await countEffects(reader.db)) >= events);

  test('what was written takes effect, and how fresh that is can be told', async () => {
    const it = await consumer();
    expect(await it.asOf()).toEqual(new Date(0));
    await relay();
    const before = new Date();
    const written = await writeMany(writer.db, things(5), 4);
    await applied(written);
    await eventually(async () => it.ready() && (await it.asOf()) >= new Date(before.getTime() - 60_000));
    await expectEachOnceInOrder(reader.db, written);
  });

  test('things are as fresh as the partition that was silent the longest, also where none was ever heard from', async () => {
    const it = await consumer();
    const transport = await connect();
    const partitions = (await transport.ensureTopics([topic])).get(topic)!;
    expect(partitions).toBeGreaterThan(1);
    const now = new Date();
    const beat = (partition: number) =>
      transport.publish(topic, [heartbeat('/merit/test', randomUUID(), now, partition)]);
    const heard = async () => {
      const [{ n }] = await reader.db.query('select count(as_of)::int as n from consumer_offset');
      return n as number;
    };
    for (let partition = 0; partition < partitions; partition += 1) {
      expect(await it.asOf()).toEqual(new Date(0));
      await beat(partition);
      await eventually(async () => (await heard()) === partition + 1);
    }
    expect(await it.asOf()).toEqual(now);
  });

  test('consumers that come and go under load apply each event once', async () => {
    await relay();
    const all = things(40);
    const writing = Promise.all(Array.from({ length: 4 }, () => writeMany(writer.db, all, 10)));
    const [first, second] = [await consumer(), await consumer()];
    await applied(100);
    await first.stop();
    const third = await consumer();
    await second.stop();
    await writing;
    await applied(1_600);
    await eventually(() => third.ready());
    await expectEachOnceInOrder(reader.db, 1_600);
  });

  test('a consumer that is killed while it applies is followed by another, from where the database is', async () => {
    await relay();
    const all = things(20);
    const killed = child('consumer.ts', topic, reader.url, group);
    let written = await writeMany(writer.db, all, 5);
    await eventually(() => killed.lines.length > 0, killed.errors);
    await killed.kill();
    written += await writeMany(writer.db, all, 30);
    await consumer();
    await applied(written);
    await expectEachOnceInOrder(reader.db, written);
  });

  test('a relay that is stopped, succeeded, and then wakes, brings nothing in disorder', async () => {
    await consumer();
    const all = things(20);
    const sleeping = child('relay.ts', topic, writer.url);
    await eventually(() => sleeping.lines.includes('ready'), sleeping.errors);
    let written = 0;
    let asleep = false;
    const writing = (async () => {
      for (let more = 20; more > 0; more -= asleep ? 1 : 0) written += await writeMany(writer.db, all, 1);
    })();
    await applied(200);
    sleeping.signal('SIGSTOP');
    asleep = true;
    await writing;
    await relay();
    await applied(written);
    sleeping.signal('SIGCONT');
    written += await writeMany(writer.db, all, 5);
    await applied(written);
    await sleeping.kill();
    await expectEachOnceInOrder(reader.db, written);
  });

  test('a relay that is killed at full speed loses nothing', async () => {
    await consumer();
    const all = things(20);
    const killed = child('relay.ts', topic, writer.url);
    await eventually(() => killed.lines.includes('ready'), killed.errors);
    let written = 0;
    let dead = false;
    const writing = (async () => {
      for (let more = 10; more > 0; more -= dead ? 1 : 0) written += await writeMany(writer.db, all, 1);
    })();
    await applied(200);
    await killed.kill();
    dead = true;
    await relay();
    await writing;
    await applied(written);
    await expectEachOnceInOrder(reader.db, written);
  });
}
