/** Other services' events into this one: which, by whom they are handled, and how far that has come. */
import type { Logger } from 'pino';
import type { DataSource, EntityManager } from 'typeorm';
import { backoff, sleeper } from '../pause.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import type { EventTransport, GroupSubscription } from '../transport/transport.js';
import { readsNoMore, willRead } from '../transport/transport.measured.js';
import { applySteps } from './consumer.apply.js';
import { chunkHandler } from './consumer.chunk.js';
import { count, tell, watchProgress } from './consumer.progress.js';
import { addPositions, quieten } from './inbox.table.js';
import { startMending } from './mend.js';
import type { ReadModel } from './readmodel.js';

export type { ReceivedEvent } from '../transport/envelope.js';
export { decode } from './consumer.apply.js';

/** What a service does with some of the events of a topic. */
export interface Subscription {
  /** `merit.competency.v1`. */
  readonly topic: string;
  /** Full types, as in `merit.competency.v1.TrainingCompleted`. Others on the topic are counted and skipped. */
  readonly types: readonly string[];
  /**
   * Takes the events of a chunk whose type is listed, in order, in the transaction that also notes them as applied: what
   * it writes through `tx` happens exactly once, and it must write through nothing else. A DomainError, or a payload that
   * cannot be decoded, parks that event's key.
   */
  readonly handle: (tx: EntityManager, events: readonly ReceivedEvent[]) => Promise<void>;
  /** False for a topic that carries none: what is derived from it does not grow stale, so it does not count in `asOf`. */
  readonly heartbeats?: false;
  /** The read model that `handle` keeps, where it keeps one: see `readModel`. */
  readonly model?: ReadModel;
  /**
   * For what is kept of events without being a read model: takes back what came of these aggregates in a history that
   * their publisher lost in a restore, in the same transaction.
   */
  readonly takeBack?: (tx: EntityManager, lost: readonly Lost[]) => Promise<void>;
}

/** An aggregate of a history that its publisher lost in a restore. */
export interface Lost {
  /** `learning/<id>` */
  readonly aggregate: string;
  /** Whom it is about, where its snapshot comes next and says how it stands now; null where the publisher has it no more. */
  readonly key: string | null;
}

export interface ConsumerOptions {
  readonly db: DataSource;
  readonly transport: EventTransport;
  /** The service's name among the readers. One per database: how far it has come is kept with what it derived. */
  readonly group: string;
  /** In the order in which they get the events of a chunk: who is who first, then what follows from it. */
  readonly subscriptions: readonly Subscription[];
  readonly log: Logger;
}

export interface Consumer {
  /** False without connection, and when a partition that has something to read stands still. */
  ready(): boolean;
  /** See {@link asOf}. */
  asOf(): Promise<Date>;
  /** See {@link ageMs}. */
  ageMs(): Promise<number>;
  /** Lets the running chunk end. */
  stop(): Promise<void>;
}

/** Starts to read. It starts without transport or database, too, and goes on once they are there. */
export async function startConsumer({ db, transport, group, subscriptions, log }: ConsumerOptions): Promise<Consumer> {
  const topics = [...new Set(subscriptions.map(({ topic }) => topic))];
  const progress = watchProgress({ db, transport, group, topics, log });
  const wanted = new Set(subscriptions.flatMap(({ types }) => types));
  const onChunk = chunkHandler({
    db,
    log,
    group,
    subscriptions,
    onDone: (topic, done) => {
      count(topic, done, wanted);
      tell(log, topic, done);
    },
  });
  const { sleep, wake } = sleeper();
  // Before anyone can ask how fresh things are. How many partitions there are, only the transport tells: the loop below
  // sees to it as soon as it is there, and to everything where the database is not there yet.
  const silent = new Set(subscriptions.filter(({ heartbeats }) => heartbeats === false).map(({ topic }) => topic));
  await announce(db, new Map(topics.map((topic) => [topic, 1])), silent).catch(() => undefined);
  const mending = topics.length === 0 ? null : startMending({ db, group, subscriptions, log });
  let stopping = topics.length === 0;
  if (!stopping) willRead(group);
  let member: GroupSubscription | undefined;
  const joining = (async () => {
    for (let failures = 0; !stopping && !member; failures += 1) {
      try {
        await announce(db, await transport.ensureTopics(topics), silent);
        member = await transport.subscribe(group, topics, onChunk);
      } catch (err) {
        log.warn({ err, group, failures }, 'events cannot be read yet, trying again');
        await sleep(backoff(failures, 5_000));
      }
    }
  })();
  return {
    ready: () => topics.length === 0 || (member?.ready() === true && progress.healthy()),
    asOf: () => asOf(db),
    ageMs: () => ageMs(db),
    async stop() {
      stopping = true;
      wake();
      await joining;
      await member?.stop();
      readsNoMore(group);
      await mending?.stop();
      await progress.stop();
    },
  };
}

/**
 * A partition that was never heard from counts as unknown, and not as read to its end; a topic that is read no longer does
 * not count. Topic → its partitions.
 */
async function announce(
  db: DataSource,
  topics: ReadonlyMap<string, number>,
  silent: ReadonlySet<string>,
): Promise<void> {
  for (const [topic, partitions] of topics) {
    const all = { from: 0, to: partitions - 1 };
    await db.transaction((tx) => addPositions(tx, topic, all, !silent.has(topic)));
  }
  await quieten(db, [...topics.keys()]);
}

/**
 * Hands events to the subscriptions, and snapshots as what they consist of. No inbox: what comes twice is applied twice.
 */
export const dispatch = (
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  events: readonly ReceivedEvent[],
): Promise<void> =>
  applySteps(
    tx,
    subscriptions,
    events.map((event) => ({ kind: event.snapshot === null ? 'NEXT' : 'REPLACES', event, before: undefined })),
  );

/** The same in a transaction of its own. */
export const deliver = (
  db: DataSource,
  subscriptions: readonly Subscription[],
  events: readonly ReceivedEvent[],
): Promise<void> => db.transaction((tx) => dispatch(tx, subscriptions, events));

const AS_OF = `(select coalesce(min(coalesce(as_of, 'epoch')), clock_timestamp()) from consumer_offset where heartbeats)`;

/**
 * Everything derived from others' events holds as of this moment: the earliest, over the partitions that this service
 * reads, of the last event or heartbeat. The beginning of time while a partition has not been heard from; now for a
 * service that reads none.
 */
export async function asOf(db: DataSource | EntityManager): Promise<Date> {
  const [row]: { as_of: Date }[] = await db.query(`select ${AS_OF} as as_of`);
  return row!.as_of;
}

/** How long ago {@link asOf} was, in milliseconds, by the same clock that wrote it. */
export async function ageMs(db: DataSource | EntityManager): Promise<number> {
  const [row]: { age: number }[] = await db.query(
    `select extract(epoch from clock_timestamp() - ${AS_OF})::float8 * 1000 as age`,
  );
  return row!.age;
}
