/** Events through Kafka: the only file that speaks to kafkajs. */
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { Logger } from 'pino';
import { DomainError } from './errors.js';
import { within } from './pause.js';
import { PARTITIONS, portions, refuseLarge } from './record.js';
import type { EventRecord, EventTransport, GroupSubscription, PartitionLag, Watermarks } from './transport.js';
import { HEARTBEAT_MS, type Reader, reader } from './transport.kafka.reader.js';
import { connected } from './transport.measured.js';

export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly log: Logger;
  /** A consumer has stopped for good while the process lives on: it should end. */
  readonly onCrash: (error: Error) => void;
}

/** Longer than kafkajs's own retries; it has no deadline of its own, and a send that hangs would hold the relay for good. */
const SEND_DEADLINE_MS = 30_000;
/** Kafka's limit is for a batch, and kafkajs makes one batch of all records to a partition. */
const SEND = { records: 5_000, bytes: 1_000_000 };

export function openKafka({ brokers, log, onCrash }: KafkaOptions): EventTransport {
  const kafka = new Kafka({
    clientId: 'merit',
    brokers: [...brokers],
    connectionTimeout: 3_000,
    requestTimeout: 20_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
    logLevel: logLevel.WARN,
    // What kafkajs calls an error is mostly a retry; what matters is thrown and logged by whoever asked.
    logCreator: () => (entry) => log.debug({ kafka: entry.log, namespace: entry.namespace }, entry.log.message),
  });
  const admin = administrator(kafka);
  const producer = producing(kafka);
  const partitions = new Map<string, number>();
  const groups = new Set<GroupSubscription>();

  const ensureTopics = async (topics: readonly string[]) => {
    const missing = topics.filter((topic) => !partitions.has(topic));
    if (missing.length > 0) {
      for (const [topic, count] of await admin((it) => makeTopics(it, missing))) partitions.set(topic, count);
    }
    return new Map(topics.map((topic) => [topic, partitions.get(topic)!]));
  };
  const watermarks = async (topic: string, partition: number): Promise<Watermarks> => {
    const found = (await admin((it) => it.fetchTopicOffsets(topic))).find((each) => each.partition === partition);
    if (!found) throw new Error(`${topic} has no partition ${partition}.`);
    return { low: Number(found.low), high: Number(found.high) };
  };

  return {
    ensureTopics,

    async publish(topic, records) {
      refuseLarge(records);
      await ensureTopics([topic]);
      try {
        for (const portion of portions(records, SEND)) await producer.send(topic, portion);
      } catch (error) {
        partitions.delete(topic); // should it have been removed, the next attempt makes it again
        throw error;
      }
    },

    async subscribe(group, topics, onChunk) {
      await ensureTopics(topics);
      const { clusterId } = await admin((it) => it.describeCluster());
      const member = await join(
        { kafka, group, topics, log, onCrash },
        reader({ clusterId, watermarks, onChunk, log }),
      );
      groups.add(member);
      return { ready: member.ready, stop: () => member.stop().finally(() => groups.delete(member)) };
    },

    lag: (group, topics) => admin((it) => lagOf(it, group, topics)),

    async close(deadlineMs) {
      const stopped = Promise.allSettled([...groups].map((member) => member.stop()));
      const closed = stopped.then(() => producer.close());
      await within(deadlineMs, closed).catch(() => log.warn('Kafka connections did not close in time'));
    },
  };
}

/**
 * A connection for each question. They are few, and one that is kept cannot safely be given up after a failure: what
 * else is under way on it connects again by itself, and nobody closes that.
 */
const administrator =
  (kafka: Kafka) =>
  async <R>(ask: (admin: Admin) => Promise<R>): Promise<R> => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await ask(admin);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  };

/** One question after the other, see above. */
async function lagOf(admin: Admin, group: string, topics: readonly string[]): Promise<PartitionLag[]> {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  const lags: PartitionLag[] = [];
  for (const topic of topics) {
    const read = committed.find((each) => each.topic === topic)?.partitions ?? [];
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      // −1 stands for none committed; one below the log's beginning goes on from there.
      const at = Number(read.find((each) => each.partition === partition)?.offset ?? -1);
      lags.push({ topic, partition, lag: Math.max(0, Number(high) - Math.max(at, Number(low))) });
    }
  }
  return lags;
}

/** Partitions as everywhere; three copies, of which two must have a record before it counts as written, where there are three brokers. */
async function makeTopics(admin: Admin, topics: readonly string[]): Promise<[string, number][]> {
  const there = await admin.listTopics();
  const missing = topics.filter((topic) => !there.includes(topic));
  if (missing.length > 0) {
    const copies = Math.min(3, (await admin.describeCluster()).brokers.length);
    const configEntries = [
      { name: 'min.insync.replicas', value: String(Math.max(1, copies - 1)) },
      { name: 'unclean.leader.election.enable', value: 'false' },
    ];
    await admin.createTopics({
      topics: missing.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: copies, configEntries })),
    });
  }
  const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
  return found.map(({ name, partitions }) => [name, partitions.length]);
}

/**
 * A producer that is thrown away after any failure. kafkajs takes a failed send's sequence numbers back, although the
 * broker may have written it: with the same producer id, the broker could take the next batch for a repetition and drop
 * it, or answer OUT_OF_ORDER_SEQUENCE_NUMBER or UNKNOWN_PRODUCER_ID for ever. A new one may write records twice, which
 * readers skip.
 */
function producing(kafka: Kafka) {
  let current: Promise<Producer> | undefined;
  const connect = async () => {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
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
    async send(topic: string, records: readonly EventRecord[]): Promise<void> {
      current ??= connect();
      const mine = current;
      const messages = records.map(({ key, headers, value, partition }) => ({
        key,
        headers: { ...headers },
        value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
        ...(partition === undefined ? {} : { partition }),
      }));
      try {
        const sending = mine.then((producer) => producer.send({ topic, messages, acks: -1, timeout: 15_000 }));
        await within(SEND_DEADLINE_MS, sending);
      } catch (error) {
        void drop(mine);
        throw refusalOf(error) ?? error;
      }
    },
    close: async () => void (await drop(current)),
  };
}

const REFUSALS = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
];

/** What the broker will say of the same records every time. */
function refusalOf(error: unknown): DomainError | null {
  const { type, cause, message } = error as { type?: string; cause?: unknown; message?: string };
  if (type && REFUSALS.includes(type))
    return new DomainError('EVENT_REFUSED', `Kafka refuses it: ${message}`, { type });
  return cause ? refusalOf(cause) : null;
}

interface Membership {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  readonly log: Logger;
  readonly onCrash: (error: Error) => void;
}

/**
 * Joins a group. Sessions are short: with kafkajs's 45 s, a member that was killed and started again waited for 42.
 * `fromBeginning` also decides what happens when an offset is gone: with false, the rest of the log is skipped in silence.
 */
async function join({ kafka, group, topics, log, onCrash }: Membership, read: Reader): Promise<GroupSubscription> {
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: 8_000,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: 15_000,
    maxWaitTimeInMs: 250,
    allowAutoTopicCreation: false,
    // Once stopped, a crash that was under way must not start it again.
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 5, restartOnFailure: async () => !stopped },
  });
  let assignment = 0;
  let joined = false;
  let stopped = false;
  consumer.on('consumer.group_join', () => {
    assignment += 1;
    joined = true;
    connected('read');
  });
  consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
    joined = false;
    log[restart ? 'warn' : 'fatal']({ err: error, group, restart }, 'the Kafka consumer crashed');
    if (!restart && !stopped) onCrash(error);
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: (payload) => read(payload, consumer.seek, assignment),
    });
  } catch (error) {
    stopped = true;
    await consumer.disconnect().catch(() => undefined);
    throw error;
  }
  return {
    ready: () => joined,
    stop: () => {
      stopped = true;
      return consumer.disconnect();
    },
  };
}
