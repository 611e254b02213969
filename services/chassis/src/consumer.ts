import type { DataSource, EntityManager } from 'typeorm';
import type { ReceivedEvent } from './envelope.js';

export type { ReceivedEvent } from './envelope.js';

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
}

/** Runs the subscriptions over the events in the order listed. One transaction; no inbox: what comes twice is applied twice. */
export const deliver = (
  db: DataSource,
  subscriptions: readonly Subscription[],
  events: readonly ReceivedEvent[],
): Promise<void> => db.transaction((tx) => dispatch(tx, subscriptions, events));

/** Each subscription gets those of the events whose types it lists; the order of the list is the order of the calls. */
export async function dispatch(
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  events: readonly ReceivedEvent[],
): Promise<void> {
  for (const { types, handle } of subscriptions) {
    const wanted = events.filter((event) => types.includes(event.type));
    if (wanted.length > 0) await handle(tx, wanted);
  }
}

/**
 * Everything derived from others' events holds as of this moment: the earliest, over the partitions that this service
 * reads, of the last event or heartbeat. The beginning of time while a partition has not been heard from; now for a
 * service that reads none.
 */
export async function asOf(db: DataSource | EntityManager): Promise<Date> {
  const [row]: { as_of: Date }[] = await db.query(
    `select coalesce(min(coalesce(as_of, 'epoch')), clock_timestamp()) as as_of from consumer_offset`,
  );
  return row!.as_of;
}
