/** What every transport keeps: the same stories, told to both. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testDatabase } from '@merit/chassis/testing';
import { type KafkaSet, startKafkaSet } from '@merit/infra/kafka/set';
import { pino } from 'pino';
import type { Chunk, EventRecord, EventTransport } from '../src/transport/transport.js';
import { openTransport, type TransportEnv } from '../src/transport/transport.open.js';
import { startChild } from './child/child.js';
import { eventually } from './eventually.js';

const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const eventLog = testDatabase({ entities: [], migrations: [] });
const kafka = process.env['MERIT_TEST_KAFKA'];

describe('the log in PostgreSQL', () => conforms(() => ({ EVENT_LOG_URL: eventLog.url }), { shares: false }));
(kafka ? describe : describe.skip)('Kafka', () => conforms(() => ({ KAFKA_BROKERS: kafka }), { shares: true }));
(kafka ? describe : describe.skip)('Kafka behind TLS and a password', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'merit-kafka-secured-'));
  const user = { name: 'merit', password: 'a "long" one with spaces', mechanism: 'SCRAM-SHA-512' } as const;
  let set: KafkaSet;
  beforeAll(async () => {
    set = await startKafkaSet({ dataDir: folder, count: 1, security: { users: [user] } });
  }, 120_000);
  afterAll(async () => {
    await set?.stop();
    rmSync(folder, { recursive: true });
  });
  const env = () => ({
    KAFKA_BROKERS: set.secured!.sasl,
    KAFKA_TLS: 'true',
    KAFKA_CA_FILE: set.secured!.files.caFile,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_USERNAME: user.name,
    KAFKA_PASSWORD: user.password,
  });
  conforms(env, { shares: true });
});

const record = (n: number, key = `key ${n % 7}`): EventRecord => ({
  key,
  headers: { n: String(n) },
  value: new Uint8Array([n % 256]),
});
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const numberOf = ({ headers }: EventRecord) => Number(headers['n']);
const after = ({ records }: Chunk) => records.at(-1)!.offset + 1;

/** Each key's numbers must rise: what is there twice is dropped where it first appears again. */
function expectOrderPerKey(records: readonly EventRecord[]): void {
  const last = new Map<string, number>();
  const seen = new Set<number>();
  for (const each of records) {
    if (seen.has(numberOf(each))) continue;
    seen.add(numberOf(each));
    expect(numberOf(each)).toBeGreaterThan(last.get(each.key) ?? -1);
    last.set(each.key, numberOf(each));
  }
}

function conforms(env: () => TransportEnv, { shares }: { shares: boolean }) {
  let topic: string;
  let group: string;
  const open: EventTransport[] = [];
  const connect = async () => {
    const transport = await openTransport(env(), log);
    open.push(transport);
    return transport;
  };
  /** A member of the group that notes what it is handed. */
  const reader = async (transport: EventTransport, onChunk?: (chunk: Chunk) => Promise<number> | number) => {
    const got: EventRecord[] = [];
    const member = await transport.subscribe(group, [topic], async (chunk) => {
      const next = onChunk ? await onChunk(chunk) : after(chunk);
      got.push(...chunk.records);
      return next;
    });
    return { got, ...member };
  };
  const behind = async (transport: EventTransport) =>
    (await transport.lag(group, [topic])).reduce((sum, each) => sum + each.lag, 0);
  const all = (got: readonly EventRecord[]) => [...new Set(got.map(numberOf))].sort((a, b) => a - b);

  beforeEach(() => {
    topic = `test.${randomUUID()}`;
    group = `group.${randomUUID()}`;
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close(5_000)));
  });

  test('the records of a key are read in the order in which they were published', async () => {
    const transport = await connect();
    for (const n of numbers(5))
      await transport.publish(
        topic,
        numbers(200, 200 * n).map((i) => record(i)),
      );
    const { got } = await reader(transport);
    await eventually(() => all(got).length >= 1_000);
    expect(all(got)).toEqual(numbers(1_000));
    expectOrderPerKey(got);
  });

  test('several publishers of one topic keep the order of each, and lose nothing of another', async () => {
    const publishers = await Promise.all(numbers(4).map(connect));
    const count = 400;
    const keyed = (publisher: number, n: number) => ({ ...record(n, `key ${n % 3} of ${publisher}`) });
    await Promise.all(
      publishers.map(async (transport, publisher) => {
        for (let n = 0; n < count; n += 20) {
          await transport.publish(
            topic,
            numbers(20, n).map((i) => keyed(publisher, i)),
          );
        }
      }),
    );
    const places = new Map<number, number[]>();
    const { got } = await reader(publishers[0]!, (chunk) => {
      const before = places.get(chunk.partition) ?? [];
      places.set(chunk.partition, [...before, ...chunk.records.map(({ offset }) => offset)]);
      return after(chunk);
    });
    const by = (publisher: number) => got.filter(({ key }) => key.endsWith(`of ${publisher}`));
    await eventually(() => numbers(4).every((publisher) => all(by(publisher)).length >= count));
    for (const publisher of numbers(4)) {
      const mine = by(publisher);
      expect(all(mine)).toEqual(numbers(count));
      expectOrderPerKey(mine);
    }
    for (const offsets of places.values()) expect(offsets).toEqual(numbers(offsets.length));
  });

  test('a record comes as it went', async () => {
    const transport = await connect();
    const sent = {
      key: 'Jl. Merdeka 1 – ꦏꦸꦭꦺꦴꦤ꧀',
      headers: { ce_id: 'a', ce_actor: 'é' },
      value: new Uint8Array([0, 255, 10]),
    };
    await transport.publish(topic, [sent, { ...sent, partition: 5 }]);
    const chunks: Chunk[] = [];
    await reader(transport, (chunk) => {
      chunks.push(chunk);
      return after(chunk);
    });
    await eventually(() => chunks.flatMap(({ records }) => records).length === 2);
    for (const got of chunks.flatMap(({ records }) => records)) {
      expect({ key: got.key, headers: got.headers, value: new Uint8Array(got.value) }).toEqual(sent);
    }
    const last = chunks.find(({ partition }) => partition === 5)!;
    expect(await last.watermarks()).toEqual({ low: 0, high: last.records.length });
  });

  test('a chunk that a handler throws at comes again, and the other partitions go on meanwhile', async () => {
    const transport = await connect();
    await transport.publish(
      topic,
      numbers(6).map((n) => ({ ...record(n), partition: n })),
    );
    let failures = 0;
    const { got } = await reader(transport, (chunk) => {
      if (chunk.partition === 2 && failures++ < 3) throw new TypeError('not retriable, kafkajs would say');
      return after(chunk);
    });
    await eventually(() => got.length === 6);
    expect(failures).toBe(4);
    expect(numberOf(got.at(-1)!)).toBe(2);
  });

  test('a handler decides where to go on', async () => {
    const transport = await connect();
    await transport.publish(
      topic,
      numbers(20).map((n) => record(n, 'one key')),
    );
    let back = true;
    const { got } = await reader(transport, (chunk) => {
      if (!back || after(chunk) < 20) return after(chunk);
      back = false;
      return 15;
    });
    await eventually(() => got.length >= 25);
    expect(got.slice(-5).map(numberOf)).toEqual([15, 16, 17, 18, 19]);
    expect(all(got)).toEqual(numbers(20));
  });

  test('a record over a million bytes is refused by name, one of a million goes through', async () => {
    const transport = await connect();
    const sized = (bytes: number) => ({ key: 'k', headers: {}, value: new Uint8Array(bytes - 1) });
    await expect(transport.publish(topic, [record(1), sized(1_000_001)])).rejects.toMatchObject({
      code: 'EVENT_TOO_LARGE',
      params: { bytes: 1_000_001, max: 1_000_000 },
    });
    await transport.publish(topic, [sized(1_000_000), sized(1_000_000), sized(600_000), sized(600_000)]);
    const { got } = await reader(transport);
    await eventually(() => got.length === 4);
    expect(got.map(({ value }) => value.length)).toEqual([999_999, 999_999, 599_999, 599_999]);
  });

  test('thousands of small records of one key go through in order, whatever their framing takes', async () => {
    const transport = await connect();
    const headers = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`h${n}`, 'thirteen long']));
    const records = numbers(6_000).map((n) => ({
      key: 'key',
      headers: { ...headers, n: String(n) },
      value: new Uint8Array(10),
    }));
    await transport.publish(topic, records);
    const { got } = await reader(transport);
    await eventually(() => got.length === 6_000);
    expect(got.map(numberOf)).toEqual(numbers(6_000));
  });

  test('the lag is what was not read yet', async () => {
    const transport = await connect();
    const lag = () => behind(transport);
    await transport.publish(
      topic,
      numbers(30).map((n) => record(n)),
    );
    expect(await lag()).toBe(30);
    expect((await transport.lag(group, [topic])).map(({ partition }) => partition).sort()).toEqual(numbers(6));
    const place = async () => {
      const each = await transport.lag(group, [topic]);
      const sum = (of: (partition: (typeof each)[number]) => number) => each.reduce((total, one) => total + of(one), 0);
      return { end: sum(({ end }) => end), read: sum(({ end, lag: left }) => end - left) };
    };
    const begun = await place();
    expect(begun.end - begun.read).toBe(30);
    const { stop } = await reader(transport);
    await eventually(async () => (await lag()) === 0);
    await stop();
    await transport.publish(
      topic,
      numbers(5).map((n) => record(n)),
    );
    expect(await lag()).toBe(5);
    expect(await place()).toEqual({ end: begun.end + 5, read: begun.end });
  });

  test('closing lets the running chunk end, and the next member goes on behind it', async () => {
    const first = await connect();
    await first.publish(
      topic,
      numbers(10).map((n) => record(n, 'one key')),
    );
    let started = false;
    let finish = () => {};
    const { got } = await reader(first, async (chunk) => {
      started = true;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return after(chunk);
    });
    await eventually(() => started);
    const closed = first.close(10_000);
    finish();
    await closed;
    expect(got).toHaveLength(10);
    const second = await connect();
    await second.publish(topic, [record(10, 'one key')]);
    const later = await reader(second);
    await eventually(() => later.got.length > 0);
    expect(later.got.map(numberOf)).toEqual([10]);
  });

  test('nothing that a publisher was told is durable is lost when it is killed', async () => {
    const publisher = startChild('publisher.ts', [topic], env() as Record<string, string>);
    await eventually(() => publisher.lines.length > 20, publisher.errors);
    await publisher.kill();
    const told = Number(publisher.lines.at(-1));
    const transport = await connect();
    const { got } = await reader(transport);
    await eventually(async () => (await behind(transport)) === 0);
    // What was on its way when it died is of one batch, and may be there in part.
    expect(all(got).filter((n) => n <= told)).toEqual(numbers(told + 1));
    expect(all(got).at(-1)).toBeLessThanOrEqual(told + 10);
    expectOrderPerKey(got);
  });

  test('a reader that is killed is followed by another, and nothing is lost', async () => {
    const transport = await connect();
    let published = 0;
    const publish = async () => {
      await transport.publish(
        topic,
        numbers(100, published).map((n) => record(n)),
      );
      published += 100;
    };
    await publish();
    const killed = startChild('reader.ts', [topic, group], env() as Record<string, string>);
    await eventually(() => killed.lines.length > 0, killed.errors);
    const { got } = await reader(transport);
    await publish();
    await killed.kill();
    await publish();
    const read = () => new Set([...killed.lines.map(Number), ...all(got)]);
    await eventually(async () => (await behind(transport)) === 0 && read().size >= 300);
    expect([...read()].sort((a, b) => a - b)).toEqual(numbers(300));
    expectOrderPerKey(got);
  });

  test(`members that come and go ${shares ? 'share the partitions' : 'stand by for each other'}, and nothing is lost`, async () => {
    const publisher = await connect();
    const members: Awaited<ReturnType<typeof reader>>[] = [];
    let published = 0;
    const publish = async () => {
      await publisher.publish(
        topic,
        numbers(50, published).map((n) => record(n)),
      );
      published += 50;
    };
    for (let i = 0; i < 3; i += 1) {
      members.push(await reader(await connect()));
      await publish();
    }
    const got = () => members.flatMap((member) => member.got);
    // Each waits until the last one that joined has its share, or the first still has everything.
    await eventually(async () => {
      await publish();
      return members.filter((member) => member.got.length > 0).length === (shares ? 3 : 1);
    });
    await members[0]!.stop();
    await publish();
    await members[1]!.stop();
    await publish();
    await eventually(() => all(got()).length >= published);
    expect(all(got())).toEqual(numbers(published));
    expect(members[2]!.got.length).toBeGreaterThan(0);
    if (!shares) expect(got()).toHaveLength(published);
  });
}
