import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { encode, type OutboxEvent } from '@merit/chassis/out/outbox';
import { LearningHoursCountedSchema } from '@merit/proto/competency';
import type { Ledger, LedgerRecord, Person, PublishedRecord } from './ledger.js';

/** The event that says where a ledger stands. */
export interface Said {
  readonly eventId: string;
  readonly countedAt: Date;
}

/** As much of a ledger as is said of it. */
export interface SaidLedger extends Said, Pick<Ledger, 'id' | 'year' | 'version' | 'counted' | 'entitlement'> {
  readonly person: Pick<Person, 'employeeId' | 'agencyId'>;
  readonly records: readonly (Pick<LedgerRecord, 'hours' | 'counted' | 'reason'> & {
    readonly record: Pick<PublishedRecord, 'id' | 'eventId' | 'eventType' | 'completedAt'>;
  })[];
}

export const LEARNING = 'learning';

/** A ledger → the contract's message. Keyed by the person, as everything about hours is. */
export const toOutbox = (ledger: SaidLedger): OutboxEvent => ({
  id: ledger.eventId,
  aggregateType: LEARNING,
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
  occurredAt: ledger.countedAt,
  agencyId: ledger.person.agencyId ?? undefined,
});

const toMessage = ({ record, hours, counted, reason }: SaidLedger['records'][number]) => ({
  enrolmentId: record.id,
  eventId: record.eventId,
  eventType: record.eventType,
  hours,
  counted,
  reason: reason ?? '',
  completedAt: timestampFromDate(record.completedAt),
});
