import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { encode, type OutboxEvent } from '@merit/chassis/outbox';
import { LearningHoursCountedSchema } from '@merit/proto/competency';
import type { Ledger, LedgerRecord } from './ledger.js';

/** A ledger → the contract's message. Keyed by the person, as everything about hours is. */
export const toOutbox = (ledger: Ledger, id: string, at: Date): OutboxEvent => ({
  id,
  aggregateType: 'learning',
  aggregateId: ledger.id,
  key: ledger.person.employeeId,
  type: LearningHoursCountedSchema.typeName,
  payload: encode(LearningHoursCountedSchema, {
    ledgerId: ledger.id,
    employeeId: ledger.person.employeeId,
    year: ledger.year,
    counted: ledger.counted,
    entitlement: ledger.entitlement.toString(),
    version: BigInt(ledger.version),
    records: ledger.records.map(toMessage),
  }),
  occurredAt: at,
  agencyId: ledger.person.agencyId ?? undefined,
});

const toMessage = ({ record, hours, counted, reason }: LedgerRecord) => ({
  enrolmentId: record.id,
  eventId: record.eventId,
  eventType: record.eventType,
  hours,
  counted,
  reason: reason ?? '',
  completedAt: timestampFromDate(record.completedAt),
});
