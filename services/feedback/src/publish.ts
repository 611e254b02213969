/** The way out of every command: its events go to the outbox, in its transaction. */
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import type { ServiceContext } from '@merit/chassis/context';
import { append, encode, type OutboxEvent } from '@merit/chassis/outbox';
import { actorOf } from '@merit/chassis/viewer';
import type { EntityManager } from 'typeorm';

/** An event in the words of the contract, before it has an id. */
export type Message = Omit<OutboxEvent, 'id'>;

/** Who changes something, and with which ids: a request, or a job of this service. */
export interface By {
  readonly actor: string | null;
  readonly traceparent: string | null;
  readonly newId: () => string;
}

/** The viewer of a request. */
export const byViewer = ({ viewer, traceparent, newId }: ServiceContext): By => ({
  actor: actorOf(viewer),
  traceparent,
  newId,
});

/** One of the public: who it was is in no event, signed in or not. */
export const byPublic = ({ traceparent, newId }: ServiceContext): By => ({ actor: null, traceparent, newId });

/** What an event is about. */
export type About = Omit<Message, 'type' | 'payload'>;

/** A message of the contract. What is not named in `value` does not leave the service. */
export const message = <S extends DescMessage>(schema: S, about: About, value: MessageInitShape<S>): Message => ({
  ...about,
  type: schema.typeName,
  payload: encode(schema, value),
});

/** Appends messages to the outbox, in order. One statement. */
export async function publish(tx: EntityManager, by: By, messages: readonly Message[]): Promise<void> {
  await append(
    tx,
    messages.map((next) => ({ ...next, id: by.newId() })),
    by,
  );
}
