/** What this service asks of other publishers: their events once more, or where all their aggregates stand. */
import { ReplayRequestedSchema, SnapshotRequestedSchema } from '@merit/proto/events';
import type { EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { isId } from '../errors.js';
import { append, message } from '../out/outbox.js';
import type { Letter } from './inbox.letter.js';

const SYSTEM = { actor: 'system', traceparent: null };

const about = (requestId: string) => ({
  id: requestId,
  aggregateType: 'request',
  aggregateId: requestId,
  key: requestId,
  occurredAt: new Date(),
});

/**
 * Asks for the events that are missing or came damaged, once for each letter, in the transaction that sets it aside. Who
 * cannot be asked, because the record does not say whose or of what it is, is left to a person.
 * @param consumer the asking service's name
 */
export async function askAgain(tx: EntityManager, consumer: string, fresh: readonly Letter[]): Promise<void> {
  const asked = fresh.flatMap(({ record: { headers }, askFrom: fromSequence }) => {
    const { ce_source: source, ce_subject: subject } = headers;
    if (fromSequence === null || !source || !subject || !isId(subject.slice(subject.indexOf('/') + 1))) return [];
    const requestId = v7();
    const value = { requestId, source, subject, fromSequence, consumer };
    return [message(ReplayRequestedSchema, about(requestId), value)];
  });
  await append(tx, asked, SYSTEM);
}

/** Asks a publisher for a snapshot of everything; its run has the request's id. */
export const askForSnapshot = (
  tx: EntityManager,
  { requestId, source, consumer }: { readonly requestId: string; readonly source: string; readonly consumer: string },
): Promise<void> =>
  append(tx, [message(SnapshotRequestedSchema, about(requestId), { requestId, source, consumer })], SYSTEM);
