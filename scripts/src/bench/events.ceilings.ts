/** What the same machine does with the same records and rows in the same run, and nothing of Merit in the way. */
import type { SentEvent } from '@merit/chassis/transport/envelope';
import { PARTITIONS } from '@merit/chassis/transport/record';
import { type Consumer, Kafka, logLevel, Partitioners } from 'kafkajs';
import pg from 'pg';
import { invent, ledgers, records } from './events.backlog.js';
import { type Rate, rateOf } from './events.rate.js';

const TOPIC = 'ceiling';

/**
 * kafkajs writes the records, as idempotent and as durably as Merit, and a group reads them and does nothing. It does so
 * as it comes: what Merit writes and reads in its place, it does for its own batches, and for whoever shares a process
 * with a reader of Merit, which there is none of here.
 */
export async function kafkaCeilings(brokers: string, count: number): Promise<{ produced: Rate; consumed: Rate }> {
  const kafka = new Kafka({ clientId: 'ceiling', brokers: [brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 }] });
  await admin.disconnect();
  const messages = [...ledgers(invent(count))].map((events) =>
    records(events).map(({ key, headers, value }) => ({ key, headers: { ...headers }, value: Buffer.from(value) })),
  );
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const began = performance.now();
  for (const portion of messages) await producer.send({ topic: TOPIC, messages: portion, acks: -1 });
  const produced = rateOf(count, performance.now() - began);
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: 'ceiling' });
  try {
    return { produced, consumed: await consumed(consumer, count) };
  } finally {
    await consumer.disconnect();
  }
}

/** From the first batch to the last record. */
async function consumed(consumer: Consumer, count: number): Promise<Rate> {
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  let seen = 0;
  let first: { readonly at: number; readonly seen: number } | null = null;
  return new Promise<Rate>((resolve, reject) => {
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          if (typeof batch.messages[0]?.offset !== 'string') reject(new Error('Merit reads in the place of kafkajs.'));
          seen += batch.messages.length;
          first ??= { at: performance.now(), seen };
          if (seen === count) resolve(rateOf(count - first.seen, performance.now() - first.at));
        },
      })
      .catch(reject);
  });
}

/** PostgreSQL takes the events as rows of an outbox's width, a thousand a transaction. */
export async function postgresCeiling(url: string, count: number): Promise<Rate> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  await db.query(
    'create table bare (id bigint generated always as identity primary key, event_id uuid unique, key text, type text, payload bytea, at timestamptz)',
  );
  const portions: SentEvent[][] = [...ledgers(invent(count))];
  const began = performance.now();
  for (const events of portions) {
    await db.query(
      `insert into bare (event_id, key, type, payload, at)
       select *, clock_timestamp() from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])`,
      [
        events.map(({ id }) => id),
        events.map(({ key }) => key),
        events.map(({ type }) => type),
        events.map(({ payload }) => payload),
      ],
    );
  }
  const rate = rateOf(count, performance.now() - began);
  await db.end();
  return rate;
}
