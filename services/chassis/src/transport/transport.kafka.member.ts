/** A member of a group that reads from Kafka for as long as it is wanted, whatever becomes of the brokers meanwhile. */
import { type Broker, type Cluster, type Kafka, PartitionAssigners } from 'kafkajs';
import type { Logger } from 'pino';
import { backoff, sleeper } from '../pause.js';
import type { GroupSubscription } from './transport.js';
import { readBatches } from './transport.kafka.fetch.js';
import { HEARTBEAT_MS, type Reader } from './transport.kafka.reader.js';
import { explained } from './transport.kafka.trouble.js';
import { connected } from './transport.measured.js';

export interface Membership {
  /** A client for one session; tells of each connection before it is made. */
  readonly client: (onConnection: () => void) => Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  /** Sees that the topics are there: a cluster that comes back may be another, and empty. */
  readonly prepare: () => Promise<unknown>;
  readonly read: Reader;
  readonly log: Logger;
}

/**
 * How long a member that says nothing keeps its partitions from others; the least that brokers allow. A member that was
 * killed and started again waits that long.
 */
const SESSION_MS = 6_000;
/** How long the others of a group wait for one that is amid a chunk. */
const REBALANCE_MS = 15_000;
/** Longer than any answer may take, and joining too. */
const SILENT_MS = 30_000;
/** The longest wait before another attempt: what a recovery costs on average is half of it. */
const REST_MS = 2_000;

/**
 * What is fetched at once, from each broker: kafkajs holds it whole, and asks for more only when all of it was handled.
 * A partition's part makes a few chunks of 500; a single record of a million bytes still comes, since the first batch is
 * given out whole.
 */
const FETCH = { maxBytes: 4_000_000, maxBytesPerPartition: 1_000_000, minBytes: 1, maxWaitTimeInMs: 250 };

/** While the database works on one partition's chunk, the next one's is decoded. More only wait for each other's locks. */
const PARTITIONS_AT_ONCE = 3;

/**
 * Joins a group, and joins it anew whenever kafkajs gives up. Its own restart is not used: it takes up to 5 s longer, is
 * not done for every error, and leaves the old member in the group, for which the new one then waits.
 * @throws when it cannot connect at first
 */
export async function join(membership: Membership): Promise<GroupSubscription> {
  readBatches();
  const { group, log } = membership;
  const { sleep, wake } = sleeper();
  const counter = { value: 0 };
  let session = await enter(membership, counter, null);
  let stopping = false;

  const again = async () => {
    for (let failures = 0; !stopping; failures += 1) {
      await sleep(backoff(failures, REST_MS));
      if (stopping) return;
      try {
        session = await enter(membership, counter, session.memberId());
        return;
      } catch (err) {
        if (failures % 10 === 0) log.warn({ err, group, failures }, 'Kafka cannot be read, trying again');
      }
    }
  };
  const running = (async () => {
    while (!stopping) {
      const err = await session.ended;
      if (err && !stopping) log.warn({ err, group }, 'reading from Kafka broke off, joining the group anew');
      await again();
    }
  })();
  return {
    ready: () => session.joined(),
    async stop() {
      stopping = true;
      wake();
      await session.stop();
      await running;
      await session.stop(); // one that began meanwhile
    },
  };
}

interface Session {
  joined(): boolean;
  memberId(): string | null;
  /** Why it ended; null when it was told to. */
  readonly ended: Promise<Error | null>;
  stop(): Promise<void>;
}

/**
 * One life of kafkajs's consumer. `fromBeginning` also decides what happens when an offset is gone: with false, the rest
 * of the log is skipped in silence.
 * @param counter counts assignments and connections: behind a new connection there may be another cluster
 * @param predecessor a member of this process that could not say goodbye
 */
async function enter(
  { client, group, topics, prepare, read }: Membership,
  counter: { value: number },
  predecessor: string | null,
): Promise<Session> {
  let cluster!: Cluster;
  let memberId: string | null = predecessor;
  let joined = false;
  let busy = 0;
  let heard = performance.now();
  let finish!: (why: Error | null) => void;
  const ended = new Promise<Error | null>((resolve) => {
    finish = (why) => {
      joined = false;
      clearInterval(watch);
      resolve(why);
    };
  });
  await prepare();
  const consumer = client(() => (counter.value += 1)).consumer({
    groupId: group,
    sessionTimeout: SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_MS,
    ...FETCH,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (config) => {
        cluster = config.cluster;
        return PartitionAssigners.roundRobin(config);
      },
    ],
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5, restartOnFailure: async () => false },
  });
  const hear = () => {
    heard = performance.now();
  };
  const watch = setInterval(() => {
    if (busy > 0 || performance.now() - heard < SILENT_MS) return;
    finish(new Error(`Kafka said nothing for ${SILENT_MS / 1_000} s.`));
    consumer.disconnect().catch(() => undefined);
  }, 5_000);
  watch.unref();
  consumer.on('consumer.fetch', hear);
  consumer.on('consumer.crash', ({ payload: { error } }) => finish(explained(error)));
  consumer.on('consumer.group_join', ({ payload }) => {
    hear();
    counter.value += 1;
    memberId = payload.memberId;
    joined = true;
    connected('read');
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    if (predecessor) await sayGoodbye(cluster, group, predecessor);
    await consumer.run({
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: async (payload) => {
        busy += 1;
        try {
          await read(payload, consumer.seek, counter.value);
        } finally {
          busy -= 1;
          hear();
        }
      },
    });
  } catch (error) {
    finish(null);
    await consumer.disconnect().catch(() => undefined);
    throw explained(error);
  }
  return {
    joined: () => joined,
    memberId: () => memberId,
    ended,
    stop: () => {
      finish(null);
      return consumer.disconnect();
    },
  };
}

/**
 * The group would wait for a member that broke off without a word, for as long as its session lasts after the broker is
 * back. kafkajs has no method for it; a broker's object has, and kafkajs calls it the same way.
 */
async function sayGoodbye(cluster: Cluster, groupId: string, memberId: string): Promise<void> {
  type Coordinator = Broker & { leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown> };
  const coordinator = (await cluster.findGroupCoordinator({ groupId })) as Coordinator;
  try {
    await coordinator.leaveGroup({ groupId, memberId });
  } catch (error) {
    if ((error as { type?: string }).type !== 'UNKNOWN_MEMBER_ID') throw error;
  }
}
