/** Records onto Kafka, durable when it answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { DomainError } from '../errors.js';
import { backoff, within } from '../pause.js';
import { partitionOf } from './record.js';
import type { EventRecord } from './transport.js';
import { encodeBatches } from './transport.kafka.batch.js';
import { messageOf } from './transport.kafka.produce.js';
import { explained } from './transport.kafka.trouble.js';
import { connected } from './transport.measured.js';

/** How long a leader may wait for its copies. */
const COPIED_WITHIN_MS = 7_000;
/** How long any answer to the producer may take. */
export const PRODUCED_WITHIN_MS = 8_000;
/** kafkajs has no deadline of its own, and a send that hangs would hold the relay for good. */
const SEND_DEADLINE_MS = 15_000;
/** Of a batch with its framing; Kafka takes 1,048,588. A record of a million bytes, with its own, is a batch of its own. */
const BATCH_BYTES = 1_000_000;

export interface KafkaProducer {
  /**
   * @param partitions how many the topic has
   * @throws DomainError EVENT_REFUSED: the broker will never take one of the records
   */
  send(topic: string, records: readonly EventRecord[], partitions: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A producer that is asked for one partition at a time, repeats nothing by itself, and is thrown away after a failure:
 * whoever publishes tries again, and readers skip what is there twice.
 *
 * Asked for several partitions, kafkajs repeats only to those brokers that have not answered yet. When a partition's
 * leader is gone, and a broker that has answered leads it now, the partition's records are never sent and kafkajs says
 * that all went well (its issue 1303). In a test where a controller was killed, 9 of 12,420 records that had been told
 * to be durable were not in the log. Without repetitions there is nothing for an idempotent producer to tell apart, and
 * kafkajs takes a failed send's sequence numbers back although the broker may have written it: it was answered
 * OUT_OF_ORDER_SEQUENCE_NUMBER then. Order is kept, for a partition has one request under way at most.
 */
export function producing(kafka: Kafka): KafkaProducer {
  let current: Promise<Producer> | undefined;
  const connect = async () => {
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 0 },
    });
    await producer.connect();
    connected('publish');
    return producer;
  };
  const drop = (it: Promise<Producer> | undefined) => {
    if (current === it) current = undefined;
    return it?.then((producer) => producer.disconnect()).catch(() => undefined);
  };
  return {
    async send(topic, records, partitions) {
      current ??= connect();
      const mine = current;
      try {
        await sendAll(await within(SEND_DEADLINE_MS, mine), topic, byPartition(records, partitions));
      } catch (error) {
        void drop(mine);
        throw refusalOf(error) ?? explained(error);
      }
    },
    close: async () => void (await drop(current)),
  };
}

/** The leader of a partition is another, or not known yet; kafkajs has asked who it is by the time it says so. */
const MOVED = ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION'];
const ATTEMPTS = 6;

function byPartition(records: readonly EventRecord[], partitions: number): Map<number, EventRecord[]> {
  const found = new Map<number, EventRecord[]>();
  for (const record of records) {
    const partition = record.partition ?? partitionOf(record.key, partitions);
    const others = found.get(partition);
    if (others) others.push(record);
    else found.set(partition, [record]);
  }
  return found;
}

/** Answers when every partition has answered or failed: what is still under way must not arrive behind its own repetition. */
async function sendAll(
  producer: Producer,
  topic: string,
  records: ReadonlyMap<number, readonly EventRecord[]>,
): Promise<void> {
  const now = Date.now();
  const sent = await Promise.allSettled(
    [...records].map(async ([partition, mine]) => {
      for (const batch of encodeBatches(mine, now, BATCH_BYTES)) {
        await within(SEND_DEADLINE_MS, sendToOne(producer, topic, partition, batch));
      }
    }),
  );
  const failed = sent.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Again for a while, where the leader is just moving: it said that it wrote nothing. */
async function sendToOne(producer: Producer, topic: string, partition: number, batch: Buffer): Promise<void> {
  const messages = [messageOf(partition, batch)];
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answers = await producer.send({ topic, messages, acks: -1, timeout: COPIED_WITHIN_MS });
      if (answers.length === 0) throw new Error(`Kafka did not answer for partition ${partition}.`);
      return;
    } catch (error) {
      if (attempt + 1 === ATTEMPTS || !MOVED.includes(typeOf(error) ?? '')) throw error;
      await sleep(backoff(attempt));
    }
  }
}

const typeOf = (error: unknown): string | undefined => {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return type ?? (cause ? typeOf(cause) : undefined);
};

const REFUSALS = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
];

/** What the broker will say of the same records every time. */
function refusalOf(error: unknown): DomainError | null {
  const type = typeOf(error);
  if (!type || !REFUSALS.includes(type)) return null;
  return new DomainError('EVENT_REFUSED', `Kafka refuses it: ${(error as Error).message}`, { type });
}
