/** The way out of every command: its events go to the outbox, in its transaction. */
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import type { ServiceContext } from '@merit/chassis/context';
import { append, encode, type OutboxEvent } from '@merit/chassis/outbox';
import { actorOf } from '@merit/chassis/viewer';
import type { EntityManager } from 'typeorm';

/** Who changes something, when, and with which ids: a request, an event's handler, or a job of this service. */
export interface By {
  /** `employee/<id>`, `client/<id>`, `system`; null where nobody may know. */
  readonly actor: string | null;
  readonly traceparent: string | null;
  readonly newId: () => string;
  readonly now: () => Date;
}

/** The viewer of a request. */
export const byViewer = ({ viewer, traceparent, newId, now }: ServiceContext): By => ({
  actor: actorOf(viewer),
  traceparent,
  newId,
  now,
});

/** What an event is about. */
export type About = Omit<OutboxEvent, 'type' | 'payload'>;

/** A message of the contract. What is not named in `value` does not leave the service. */
export const message = <S extends DescMessage>(schema: S, about: About, value: MessageInitShape<S>): OutboxEvent => ({
  ...about,
  type: schema.typeName,
  payload: encode(schema, value),
});

/** Appends messages to the outbox, in order. One statement. */
export const publish = (tx: EntityManager, by: By, messages: readonly OutboxEvent[]): Promise<void> =>
  append(tx, messages, { actor: by.actor, traceparent: by.traceparent });
