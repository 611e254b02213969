/** The way out of every command: its events go to the outbox, and to this service's own directory, in its transaction. */
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import type { ServiceContext } from '@merit/chassis/api/context';
import { feedOwn } from '@merit/chassis/in/rebuild.own';
import { append, byViewer, encode } from '@merit/chassis/out/outbox';
import { applyToDirectory, directoryModel } from '@merit/directory/directory';
import type { EntityManager } from 'typeorm';

/** An event in the words of the contract, before it has an id and a time. */
export interface Message {
  readonly aggregateType: 'agency' | 'unit' | 'employee' | 'grant' | 'agreement';
  readonly aggregateId: string;
  readonly key: string;
  readonly agencyId: string | null;
  readonly type: string;
  readonly payload: Uint8Array;
}
/** What a message is about. The key is the aggregate's own id, unless another is given. */
export type About = Pick<Message, 'aggregateType' | 'aggregateId' | 'agencyId'> & { readonly key?: string };

/** A message of the contract. What is not named in `value` does not leave the service. */
export const message = <S extends DescMessage>(schema: S, about: About, value: MessageInitShape<S>): Message => ({
  key: about.aggregateId,
  ...about,
  type: schema.typeName,
  payload: encode(schema, value),
});

/** A field of the contract that may be absent: it has a value or is not there. */
export const optional = <K extends string, V>(name: K, value: V | null): { [P in K]?: V } =>
  (value === null ? {} : { [name]: value }) as { [P in K]?: V };

/**
 * Appends messages to the outbox and applies them to the directory, also to one that is built anew meanwhile.
 *
 * All in the command's transaction, so that the next command is judged by what this one changed, and this service's
 * directory is never behind its own events.
 */
export async function publish(tx: EntityManager, context: ServiceContext, messages: readonly Message[]): Promise<void> {
  const occurredAt = context.now();
  const events = messages.map(({ agencyId, ...message }) => ({
    ...message,
    id: context.newId(),
    occurredAt,
    ...optional('agencyId', agencyId),
  }));
  await append(tx, events, byViewer(context));
  await applyToDirectory(tx, events);
  await feedOwn(tx, directoryModel, events);
}
