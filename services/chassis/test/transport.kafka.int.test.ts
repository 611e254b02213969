/** What brokers do to those who use them: they go away, come back, come back as others, and change their leaders. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { kafkaAvailable, startKafka } from '@merit/infra/kafka/kafka';
import { type KafkaSet, startKafkaSet } from '@merit/infra/kafka/set';
import { stablePort } from '@merit/infra/process';
import type { GraphQLSchema } from 'graphql';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { startServer } from '../src/api/server.js';
import { type Subscription, startConsumer } from '../src/in/consumer.js';
import { requestsSubscription } from '../src/in/requests.js';
import { startRelay } from '../src/out/relay.js';
import type { EventTransport } from '../src/transport/transport.js';
import { openTransport } from '../src/transport/transport.open.js';
import { countEffects, counting, createEffects, expectEachOnceInOrder, things, writeMany } from './effects.js';
import { eventually, eventuallyHolds } from './eventually.js';

const available = kafkaAvailable().ok && process.env['MERIT_KAFKA_TESTS'] !== '0';
const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const publisher = testDatabase({ entities: [], migrations: [chassisMigrations] });
const reader = testDatabase({ entities: [], migrations: [chassisMigrations] });
/** The least that a service has. */
const GRAPH = {
  typeDefs: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
    type Query { well: Boolean }`,
  resolvers: {},
  protect: Object.assign((schema: GraphQLSchema) => schema, {
    typeDefs: 'directive @access(to: [String!]!) on OBJECT',
  }),
};

(available ? describe : describe.skip)('brokers that come and go', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'merit-kafka-away-'));
  const ends: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    for (const { db } of [publisher, reader]) {
      await createEffects(db);
      await db.query(
        'truncate effect, outbox, event_sequence, lease, consumer_offset, applied_sequence, dead_letter, applied_by_source',
      );
    }
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const connect = async (brokers: string): Promise<EventTransport> => {
    const transport = await openTransport({ KAFKA_BROKERS: brokers }, log);
    ends.push(() => transport.close(5_000));
    return transport;
  };
  /** The relay and the consumer of a service, as each has them. */
  const service = async (
    brokers: string,
    db: DataSource,
    { topic, reads }: { topic: string; reads: readonly Subscription[] },
  ) => {
    const transport = await connect(brokers);
    const relay = await startRelay({ db, transport, source: `/merit/${topic}`, topic, log });
    const consumer = await startConsumer({ db, transport, group: `group.${topic}`, subscriptions: reads, log });
    ends.push(
      () => relay.stop(),
      () => consumer.stop(),
    );
    return { relay, consumer };
  };
  const record = (n: number) => ({ key: `key ${n % 7}`, headers: { n: String(n) }, value: new Uint8Array(100) });
  /** Publishes tens of records, each as often as it takes, until told to stop; the numbers that were told to be durable. */
  const publishing = (transport: EventTransport, topic: string) => {
    const told: number[] = [];
    let stopped = false;
    const done = (async () => {
      for (let n = 0; !stopped; ) {
        const numbers = Array.from({ length: 10 }, (_, i) => n + i);
        try {
          await transport.publish(topic, numbers.map(record));
          told.push(...numbers);
          n += 10;
        } catch {
          await pause(100);
        }
      }
    })();
    const stop = () => {
      stopped = true;
      return done;
    };
    ends.push(stop);
    return { told, stop };
  };
  const reading = async (transport: EventTransport, topic: string) => {
    const got: number[] = [];
    const member = await transport.subscribe(`group.${randomUUID()}`, [topic], async ({ records }) => {
      got.push(...records.map(({ headers }) => Number(headers['n'])));
      return records.at(-1)!.offset + 1;
    });
    return { got, member };
  };

  const missing = (told: readonly number[], got: readonly number[]) => {
    const seen = new Set(got);
    return told.filter((n) => !seen.has(n));
  };

  describe('that stand alone', () => {
    let set: KafkaSet;
    beforeAll(async () => {
      set = await startKafkaSet({ dataDir: path.join(folder, 'one'), count: 1 });
    }, 300_000);
    afterAll(() => set?.stop(), 60_000);

    test('are read on from when they were killed and come back, without a restart', async () => {
      const topic = `test.${randomUUID()}`;
      const writer = publishing(await connect(set.brokers), topic);
      const { got, member } = await reading(await connect(set.brokers), topic);
      await eventually(() => got.length > 100);
      await set.broker(1).kill();
      await eventually(() => !member.ready());
      await set.broker(1).start();
      const before = writer.told.at(-1)!;
      await eventually(() => got.at(-1)! > before);
      await writer.stop();
      await eventually(() => missing(writer.told, got).length === 0);
    }, 300_000);

    test('make a service that starts without them unready, ready once they are there, and unready when they go', async () => {
      await set.broker(1).kill();
      const topic = `test.${randomUUID()}`;
      const { relay, consumer } = await service(set.brokers, publisher.db, { topic, reads: [counting(topic)] });
      const server = await startServer({
        ...{ name: 'test', port: 0, host: '127.0.0.1', db: publisher.db, log, firstAdmin: null, ...GRAPH },
        identity: { issuer: 'http://127.0.0.1:1', audience: 'merit' },
        ready: async () => ({ relay: relay.ready(), consumer: consumer.ready() }),
      });
      ends.push(server.stop);
      const says = async (status: number, there: boolean) =>
        eventuallyHolds(async () => {
          const answer = await fetch(`${server.url}/health/ready`);
          const { checks } = (await answer.json()) as { checks: object };
          expect([answer.status, checks]).toEqual([
            status,
            { running: true, database: true, relay: there, consumer: there },
          ]);
        });
      await writeMany(publisher.db, things(1), 1);
      await eventually(async () => (await publisher.db.query('select from lease')).length > 0); // it leads, and has tried
      await says(503, false);
      await set.broker(1).start();
      await says(200, true);
      await eventually(async () => (await countEffects(publisher.db)) === 1);
      await set.broker(1).kill();
      await writeMany(publisher.db, things(1), 1); // a relay with nothing to say would notice at its next heartbeat
      await says(503, false);
      await set.broker(1).start();
      await says(200, true);
      await eventually(async () => (await countEffects(publisher.db)) === 2);
    }, 300_000);
  });

  test('a broker that comes back as another cluster is gone on with: nothing is lost, and nothing done twice', async () => {
    const ports = { port: await stablePort(), controllerPort: await stablePort() };
    const first = await startKafka({ dataDir: path.join(folder, 'first'), ...ports });
    ends.push(first.stop);
    const topic = `test.${randomUUID()}`;
    // What was published to the first, and not read before it went, is asked for again: so both publish and read.
    await service(first.brokers, publisher.db, { topic, reads: [requestsSubscription({ source: `/merit/${topic}` })] });
    await service(first.brokers, reader.db, { topic: `test.${randomUUID()}`, reads: [counting(topic)] });
    const clusters = async (): Promise<string[]> => {
      const places = 'select distinct cluster_id from consumer_offset where topic = $1 and cluster_id is not null';
      return (await reader.db.query(places, [topic])).map(({ cluster_id }: { cluster_id: string }) => cluster_id);
    };
    const all = things(7);
    let written = await writeMany(publisher.db, all, 5);
    let stopped = false;
    const writing = (async () => {
      for (; !stopped; await pause(20)) written += await writeMany(publisher.db, all, 1);
    })();
    ends.push(async () => {
      stopped = true;
      await writing;
    });
    await eventually(async () => (await countEffects(reader.db)) > 100);
    const before = await clusters();
    expect(before.length).toBe(1);
    await first.stop();
    const second = await startKafka({ dataDir: path.join(folder, 'second'), ...ports });
    ends.push(second.stop);
    await eventually(async () => {
      const now = await clusters();
      return now.length === 1 && now[0] !== before[0];
    });
    stopped = true;
    await writing;
    written += await writeMany(publisher.db, all, 1); // after which each thing lacks nothing that nobody could notice
    await eventually(async () => (await countEffects(reader.db)) >= written);
    await expectEachOnceInOrder(reader.db, written);
    await eventually(
      async () => (await reader.db.query(`select from dead_letter where state = 'WAITING'`)).length === 0,
    );
  }, 300_000);

  test('nothing is lost when the controller of three brokers is killed under load and comes back', async () => {
    const set = await startKafkaSet({ dataDir: path.join(folder, 'three') });
    ends.push(set.stop);
    const topic = `test.${randomUUID()}`;
    const writer = publishing(await connect(set.brokers), topic);
    await eventually(() => writer.told.length > 0); // every broker has heard of the topic by then
    const { got } = await reading(await connect(set.brokers), topic);
    const goesOn = async () => {
      const before = writer.told.at(-1) ?? 0;
      await eventually(() => writer.told.at(-1)! > before + 100 && got.at(-1)! > before + 100);
    };
    await goesOn();
    const killed = set.controller();
    await set.broker(killed).kill();
    await goesOn();
    await set.broker(killed).start();
    await goesOn();
    await writer.stop();
    await eventually(() => missing(writer.told, got).length === 0);
  }, 300_000);
});
