/** What competency counts enters the scores. */
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { DomainError } from '@merit/chassis/errors';
import { decode, type Lost, type ReceivedEvent } from '@merit/chassis/in/consumer';
import { idsOf } from '@merit/chassis/in/readmodel';
import type { By } from '@merit/chassis/out/outbox';
import { type LearningHoursCounted, LearningHoursCountedSchema } from '@merit/proto/competency';
import type { EntityManager } from 'typeorm';
import { Exact } from './exact.js';
import { insertFacts, type PersonFact, removeLedgers } from './fact.table.js';
import { foldScores } from './score.commands.js';

export const hoursTypes: readonly string[] = [LearningHoursCountedSchema.typeName];

/** Stores the ledgers, each once, and computes the scores of the people concerned: the same statements for one as for 500. */
export async function takeHours(tx: EntityManager, by: By, events: readonly ReceivedEvent[]): Promise<void> {
  const facts = events.map((event) => toFact(event, decode(LearningHoursCountedSchema, event)));
  const concerned = facts.map(({ employeeId, year }, n) => ({ employeeId, year, traceparent: events[n]!.traceparent }));
  // Sent together, and done in this order.
  await Promise.all([insertFacts(tx, facts), foldScores(tx, by, concerned)]);
}

/**
 * Takes back ledgers that competency lost in a restore. Where it tells at once how one stands now, that computes the score;
 * where it has it no more, the score is computed here without it.
 */
export async function takeBackHours(tx: EntityManager, by: By, lost: readonly Lost[]): Promise<void> {
  const idsIn = (some: readonly Lost[]) =>
    idsOf(
      'learning',
      some.map(({ aggregate }) => aggregate),
    );
  const told = lost.filter(({ key }) => key !== null);
  await removeLedgers(
    tx,
    idsIn(told),
    told.map(({ key }) => key!),
  );
  await foldScores(tx, by, await removeLedgers(tx, idsIn(lost.filter(({ key }) => key === null))));
}

function toFact(event: ReceivedEvent, ledger: LearningHoursCounted): PersonFact {
  return {
    id: event.id,
    year: ledger.year,
    employeeId: ledger.employeeId,
    kind: 'LEARNING_HOURS',
    recordId: ledger.ledgerId,
    version: Number(ledger.version),
    actor: event.actor,
    occurredAt: event.occurredAt,
    data: {
      counted: decimal(ledger.counted),
      entitlement: decimal(ledger.entitlement),
      records: ledger.records.map((record) => ({
        eventId: record.eventId,
        ...(record.eventType === '' ? {} : { eventType: record.eventType }),
        hours: decimal(record.hours),
        counted: decimal(record.counted),
        reason: record.reason === '' ? null : record.reason,
        completedAt: record.completedAt ? timestampDate(record.completedAt) : null,
      })),
    },
  };
}

/** @throws EVENT_UNREADABLE, which parks the event's key: a fold is total only over numbers */
function decimal(text: string): string {
  if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return Exact.of(text).toString();
  throw new DomainError('EVENT_UNREADABLE', `${text.slice(0, 40)} is no number of hours.`, {
    type: LearningHoursCountedSchema.typeName,
  });
}
