/** The way out of every command: its events go to the outbox, in its transaction. */
import { type ServiceContext, traceOf } from '@merit/chassis/api/context';
import { append, type By as Causer, type OutboxEvent } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import { keepHistory } from './history.table.js';

/** An event in the words of the contract, before it has an id. */
export type Message = Omit<OutboxEvent, 'id'>;

/** Who changes something, and with which ids: a request, or a job of this service. The time is told beside it. */
export type By = Omit<Causer, 'now'>;

/** One of the public: who it was is in no event, signed in or not. */
export const byPublic = (context: ServiceContext): By => ({
  actor: null,
  traceparent: traceOf(context),
  newId: context.newId,
});

/** Appends messages to the outbox, in order, and keeps them for those who ask later. Two statements. */
export async function publish(tx: EntityManager, by: By, messages: readonly Message[]): Promise<void> {
  const events = messages.map((next) => ({ ...next, id: by.newId() }));
  await append(tx, events, by);
  await keepHistory(tx, events);
}
