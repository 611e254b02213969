/** What a service keeps of others' facts, in a form that can be taken back and built anew. */
import type { EntityManager } from 'typeorm';
import type { SnapshotSource } from '../out/snapshot.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import type { Subscription } from './consumer.js';

/**
 * Tables that follow from events of one topic, and from nothing else. They can therefore be built a second time beside the
 * live ones, be compared with them and take their place. What else follows from the same events, such as figures that are
 * computed anew, is a subscription of its own, listed behind.
 */
export interface ReadModel {
  /** As operators name it: `directory`. */
  readonly name: string;
  /** `merit.personnel.v1`. */
  readonly topic: string;
  /** Full types, as in `merit.personnel.v1.EmployeeRegistered`. */
  readonly types: readonly string[];
  /** Where it is kept. Nobody else writes to them, nothing refers to them by a foreign key. */
  readonly tables: readonly string[];
  /**
   * Takes events in, in order, as `Subscription.handle` does. It reads and writes `tables` alone, each by its name without
   * a schema, so that it can be pointed at another set of them.
   */
  apply(tx: EntityManager, events: readonly ReceivedEvent[]): Promise<void>;
  /**
   * Removes what the events of these aggregates (`employee/<id>`) have brought about, so that a snapshot can be put in its
   * place. What is not known, or not of this model, is no error.
   */
  forget(tx: EntityManager, aggregates: readonly string[]): Promise<void>;
  /**
   * Where this service itself publishes the topic and its commands write the tables: where its aggregates stand, from
   * which it is built anew instead of from a snapshot that is asked for. Commands tell of what they append by `feedOwn`.
   */
  readonly own?: readonly SnapshotSource[];
}

/** A read model as one of the consumer's subscriptions. */
export const readModel = (model: ReadModel): Subscription => ({
  topic: model.topic,
  types: model.types,
  handle: (tx, events) => model.apply(tx, events),
  model,
});

/** The ids among these subjects that are of one type: `idsOf('employee', ['employee/1', 'unit/2'])` is `['1']`. */
export const idsOf = (type: string, aggregates: readonly string[]): string[] =>
  aggregates
    .filter((aggregate) => aggregate.startsWith(`${type}/`))
    .map((aggregate) => aggregate.slice(type.length + 1));
