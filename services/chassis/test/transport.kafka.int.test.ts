/** What brokers do to those who use them: they go away, come back, come back as others, and change their leaders. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { kafkaAvailable, startKafka } from '@merit/infra/kafka/kafka';
import { startKafkaSet } from '@merit/infra/kafka/set';
import { stablePort } from '@merit/infra/process';
import { pino } from 'pino';
import { partitionOf } from '../src/transport/record.js';
import type { Chunk, EventTransport } from '../src/transport/transport.js';
import { openTransport } from '../src/transport/transport.open.js';
import { eventually } from './eventually.js';

const available = kafkaAvailable().ok && process.env['MERIT_KAFKA_TESTS'] !== '0';
const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });

(available ? describe : describe.skip)('brokers that come and go', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'merit-kafka-away-'));
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const connect = async (brokers: string): Promise<EventTransport> => {
    const transport = await openTransport({ KAFKA_BROKERS: brokers }, log);
    ends.push(() => transport.close(5_000));
    return transport;
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
  /** Like the inbox's fence: what is left of a log that is gone may come under the new one's name, whose beginning is asked for. */
  const reading = async (transport: EventTransport, topic: string) => {
    const got: number[] = [];
    const chunks: Chunk[] = [];
    const begun = new Set<string>();
    const member = await transport.subscribe(`group.${randomUUID()}`, [topic], async (chunk) => {
      const log = `${chunk.clusterId} ${chunk.partition}`;
      if (!begun.has(log) && chunk.records[0]!.offset > 0) return 0;
      begun.add(log);
      chunks.push(chunk);
      got.push(...chunk.records.map(({ headers }) => Number(headers['n'])));
      return chunk.records.at(-1)!.offset + 1;
    });
    return { got, chunks, member };
  };

  const missing = (told: readonly number[], got: readonly number[]) => {
    const seen = new Set(got);
    return told.filter((n) => !seen.has(n));
  };

  test('a broker that is killed and comes back is read on from, without a restart', async () => {
    const set = await startKafkaSet({ dataDir: path.join(folder, 'one'), count: 1 });
    ends.push(set.stop);
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

  test('a broker that comes back as another cluster is read from its beginning', async () => {
    const ports = { port: await stablePort(), controllerPort: await stablePort() };
    const first = await startKafka({ dataDir: path.join(folder, 'first'), ...ports });
    ends.push(first.stop);
    const topic = `test.${randomUUID()}`;
    const writer = publishing(await connect(first.brokers), topic);
    const { got, chunks } = await reading(await connect(first.brokers), topic);
    await eventually(() => got.length > 100);
    const [{ clusterId }] = chunks as [Chunk];
    await first.stop();
    const before = writer.told.length;
    const second = await startKafka({ dataDir: path.join(folder, 'second'), ...ports });
    ends.push(second.stop);
    const anew = () => chunks.filter((chunk) => chunk.clusterId !== clusterId);
    const used = [...new Set([0, 1, 2, 3, 4, 5, 6].map((n) => partitionOf(record(n).key, 6)))];
    const seen = () => new Set(anew().map(({ partition }) => partition));
    await eventually(() => used.every((partition) => seen().has(partition)));
    await writer.stop();
    await eventually(() => missing(writer.told.slice(before), got).length === 0);
    for (const partition of used) {
      expect(anew().find((chunk) => chunk.partition === partition)?.records[0]?.offset).toBe(0);
    }
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
