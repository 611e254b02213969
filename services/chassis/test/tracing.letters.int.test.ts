/** What a trace shows of an event that was set aside. */
import { randomUUID } from 'node:crypto';
import { receiveTraces } from '@merit/chassis/testing.traces';
import { pino } from 'pino';
import { chassisMigrations } from '../src/database.js';
import { DomainError } from '../src/errors.js';
import { startConsumer } from '../src/in/consumer.js';
import { testDatabase } from '../src/testing.js';
import { startTracing } from '../src/tracing.js';
import { openPostgresLog } from '../src/transport/transport.postgres.js';
import { tracedTransport } from '../src/transport/transport.traced.js';
import { counting, logRecord, TYPE } from './effects.js';
import { eventually } from './eventually.js';

const log = pino({ level: 'silent' });
const database = testDatabase({ entities: [], migrations: [chassisMigrations] });
const eventLog = testDatabase({ entities: [], migrations: [] });
const topic = `test.${randomUUID()}`;
const traceparent = (n: number) => `00-${String(n).padStart(32, '0')}-b7ad6b7169203331-01`;

test('the span of an event that is set aside has failed, by its code, and so has that of one that waits behind it', async () => {
  const receiver = await receiveTraces();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER_ARG: 1 };
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url; // where the exporter itself looks
  const sendLast = await startTracing('test', env, log);
  const transport = tracedTransport(openPostgresLog({ url: eventLog.url, log }), 'merit');
  const refusing = counting(topic, {
    handle: async (_, events) => {
      if (events.some(({ key }) => key === 'refused')) throw new DomainError('RULE_BROKEN', 'It must not be.');
    },
  });
  const consumer = await startConsumer({ db: database.db, transport, group: 'test', subscriptions: [refusing], log });
  const event = (n: number, key: string, sequence: number) => {
    const record = logRecord(n, { key, aggregate: `thing/${key}`, sequence });
    return { ...record, partition: 0, headers: { ...record.headers, traceparent: traceparent(n) } };
  };
  try {
    await transport.publish(topic, [event(1, 'refused', 1), event(2, 'refused', 2), event(3, 'fine', 1)]);
    const letters = async () => (await database.db.query('select from dead_letter')).length;
    await eventually(async () => (await letters()) === 2);
    const ends = () =>
      receiver.spans
        .filter(({ name, traceId }) => name === `process ${TYPE}` && traceId.startsWith('000'))
        .map(({ traceId, failed, attributes }) => [Number(traceId), failed, attributes['error.type'] ?? null])
        .sort(([a], [b]) => Number(a) - Number(b));
    await eventually(() => ends().length === 3);
    expect(ends()).toEqual([
      [1, true, 'RULE_BROKEN'],
      [2, true, 'WAITS'],
      [3, false, null],
    ]);
  } finally {
    await consumer.stop();
    await transport.close(5_000);
    await sendLast();
    await receiver.stop();
  }
});
