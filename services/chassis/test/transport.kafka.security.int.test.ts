/** Kafka that asks who is there: what is said when the answer is wrong, and how it goes on once it is right. */
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { kafkaAvailable } from '@merit/infra/kafka/kafka';
import { type KafkaSet, startKafkaSet } from '@merit/infra/kafka/set';
import { pino } from 'pino';
import { startConsumer } from '../src/in/consumer.js';
import { describeError } from '../src/log.js';
import { startRelay } from '../src/out/relay.js';
import type { EventTransport } from '../src/transport/transport.js';
import { openTransport, type TransportEnv } from '../src/transport/transport.open.js';
import { countEffects, counting, createEffects, things, writeMany } from './effects.js';
import { eventually } from './eventually.js';

const available = kafkaAvailable().ok && process.env['MERIT_KAFKA_TESTS'] !== '0';
const writer = testDatabase({ entities: [], migrations: [chassisMigrations] });
const reader = testDatabase({ entities: [], migrations: [chassisMigrations] });
const users = [
  { name: 'merit', password: 'right horse', mechanism: 'SCRAM-SHA-512' },
  { name: 'older', password: 'right mare', mechanism: 'SCRAM-SHA-256' },
  { name: 'plain', password: 'right foal', mechanism: 'PLAIN' },
] as const;

(available ? describe : describe.skip)('Kafka that asks who is there', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'merit-kafka-asks-'));
  let set: KafkaSet;
  const open: EventTransport[] = [];
  beforeAll(async () => {
    set = await startKafkaSet({ dataDir: folder, count: 1, security: { users } });
  }, 300_000);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close(5_000)));
  });
  afterAll(async () => {
    await set?.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const connect = async (env: TransportEnv, log = pino({ level: 'silent' })) => {
    const transport = await openTransport(env, log);
    open.push(transport);
    return transport;
  };
  const files = () => set.secured!.files;
  const byCertificate = (): TransportEnv => ({
    KAFKA_BROKERS: set.secured!.tls,
    KAFKA_TLS: 'true',
    KAFKA_CA_FILE: files().caFile,
    KAFKA_CERT_FILE: files().certFile,
    KAFKA_KEY_FILE: files().keyFile,
  });
  const byPassword = (name: string, password: string, mechanism: string): TransportEnv => ({
    KAFKA_BROKERS: set.secured!.sasl,
    KAFKA_TLS: 'true',
    KAFKA_CA_FILE: files().caFile,
    KAFKA_SASL_MECHANISM: mechanism.toLowerCase(),
    KAFKA_USERNAME: name,
    KAFKA_PASSWORD: password,
  });
  const passes = async (env: TransportEnv) => {
    const topic = `test.${randomUUID()}`;
    const transport = await connect(env);
    await transport.publish(topic, [{ key: 'k', headers: { n: '1' }, value: new Uint8Array() }]);
    const got: string[] = [];
    await transport.subscribe(`group.${randomUUID()}`, [topic], async ({ records }) => {
      got.push(...records.map(({ headers }) => headers['n']!));
      return records.at(-1)!.offset + 1;
    });
    await eventually(() => got.length > 0);
    expect(got).toEqual(['1']);
  };

  test('a certificate of ours, or a password by each mechanism, lets records through', async () => {
    await passes(byCertificate());
    for (const { name, password, mechanism } of users) await passes(byPassword(name, password, mechanism));
  });

  const wrong: [string, () => TransportEnv, RegExp][] = [
    ['a wrong password', () => byPassword('merit', 'wrong horse', 'SCRAM-SHA-512'), /correct KAFKA_USERNAME and/],
    ['a user that is not there', () => byPassword('stranger', 'horse', 'SCRAM-SHA-512'), /make the user at the broker/],
    ['a wrong password in the clear', () => byPassword('plain', 'wrong', 'PLAIN'), /correct KAFKA_USERNAME and/],
    ['an authority that we do not know', () => ({ ...byCertificate(), KAFKA_CA_FILE: '' }), /name .* in KAFKA_CA_FILE/],
    [
      'no certificate of ours',
      () => ({ ...byCertificate(), KAFKA_CERT_FILE: '', KAFKA_KEY_FILE: '' }),
      /KAFKA_CERT_FILE/,
    ],
    [
      'a missing file',
      () => ({ ...byCertificate(), KAFKA_CA_FILE: '/nowhere/ca.pem' }),
      /KAFKA_CA_FILE names \/nowhere/,
    ],
    ['no TLS where it is wanted', () => ({ KAFKA_BROKERS: set.secured!.tls }), /set KAFKA_TLS=true/],
    ['TLS where nobody speaks it', () => ({ ...byCertificate(), KAFKA_BROKERS: set.brokers }), /speaks no TLS/],
    ['a port where nobody listens', () => ({ KAFKA_BROKERS: '127.0.0.1:1' }), /Nobody listens/],
  ];
  test.each(wrong)('%s is told in words that say what to do', async (_, env, words) => {
    const transport = await connect(env());
    const error = await transport.ensureTopics(['test.none']).catch((it: Error) => it);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(words);
    expect((error as Error).cause).toBeInstanceOf(Error);
    expect(JSON.stringify(describeError(error))).not.toMatch(/horse|mare|foal|stranger/);
  });

  test('a service that may not in yet says so, lives, and goes on by itself once it may', async () => {
    await createEffects(reader.db);
    const topic = `test.${randomUUID()}`;
    const caFile = path.join(folder, 'later.pem');
    const lines: string[] = [];
    const log = pino(
      { level: 'info', serializers: { err: describeError } },
      { write: (line: string) => void lines.push(line) },
    );
    const env = { ...byPassword('late', 'late horse', 'SCRAM-SHA-512'), KAFKA_CA_FILE: caFile };
    const transport = await connect(env, log);
    const relay = await startRelay({ db: writer.db, transport, source: '/merit/test', topic, log });
    const subscriptions = [counting(topic)];
    const consumer = await startConsumer({ db: reader.db, transport, group: topic, subscriptions, log });
    try {
      const written = await writeMany(writer.db, things(3), 2);
      const told = (words: RegExp) => eventually(() => lines.some((line) => words.test(line)));
      await told(/KAFKA_CA_FILE names .*later.pem, which cannot be read/);
      await eventually(() => !relay.ready() && !consumer.ready());
      copyFileSync(files().caFile, caFile);
      await told(/make the user at the broker/);
      await eventually(() => !relay.ready() && !consumer.ready());
      await set.addUser({ name: 'late', password: 'late horse', mechanism: 'SCRAM-SHA-512' });
      await eventually(async () => (await countEffects(reader.db)) === written);
      await eventually(() => relay.ready() && consumer.ready());
      expect(lines.join('')).not.toContain('late horse');
    } finally {
      await consumer.stop();
      await relay.stop();
    }
  }, 300_000);
});
