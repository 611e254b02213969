/** CloudEvents 1.0 in Kafka's binary mode: attributes in headers, the protobuf message as the value. */
import { DomainError } from './errors.js';
import type { EventRecord } from './transport.js';

/** An event as a consumer gets it. */
export interface ReceivedEvent {
  readonly id: string;
  /** Who published it: `/merit/competency`. */
  readonly source: string;
  /** `merit.competency.v1.TrainingCompleted`. */
  readonly type: string;
  /** What it happened to: `enrolment/<id>`. */
  readonly aggregate: string;
  /** The event's number among those of its aggregate: 1, 2, 3, … without a gap. */
  readonly sequence: number;
  readonly occurredAt: Date;
  /** When its publisher wrote it down. */
  readonly recordedAt: Date;
  /** `employee/<id>`, `client/<id>`, `system`; null where nobody may know. */
  readonly actor: string | null;
  readonly agencyId: string | null;
  /** The person, unit or service it is about; events of one key come in order. */
  readonly key: string;
  readonly payload: Uint8Array;
  readonly traceparent: string | null;
}

/** What a publisher says when it has nothing more to say: everything recorded before then has been published. */
export const HEARTBEAT = 'merit.relay.v1.Heartbeat';

/** An event as it leaves. */
export interface SentEvent extends Omit<ReceivedEvent, 'actor' | 'agencyId' | 'traceparent'> {
  /** `ce_actor`, `ce_agency`, `traceparent`, as far as they are known. */
  readonly headers: Readonly<Record<string, string>>;
}

export const toRecord = (event: SentEvent): EventRecord => ({
  key: event.key,
  headers: {
    ...event.headers,
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_time: event.occurredAt.toISOString(),
    ce_recordedtime: event.recordedAt.toISOString(),
    ce_subject: event.aggregate,
    ce_sequence: String(event.sequence),
    ce_partitionkey: event.key,
    ce_dataschema: `urn:merit:proto:${event.type}`,
    'content-type': 'application/protobuf',
  },
  value: event.payload,
});

/** A heartbeat has no sequence and no subject: it changes nothing but how fresh the reader knows itself to be. */
export const heartbeat = (source: string, id: string, at: Date, partition: number): EventRecord => ({
  key: source,
  partition,
  headers: {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: source,
    ce_type: HEARTBEAT,
    ce_time: at.toISOString(),
    ce_recordedtime: at.toISOString(),
  },
  value: new Uint8Array(),
});

export const isHeartbeat = (record: EventRecord): boolean => record.headers['ce_type'] === HEARTBEAT;

/** When its publisher wrote the record down; null where it does not say. */
export function recordedAt({ headers }: EventRecord): Date | null {
  const date = new Date(headers['ce_recordedtime'] ?? headers['ce_time'] ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** @throws DomainError ENVELOPE_INVALID naming what is missing or makes no sense */
export function toEvent(record: EventRecord): ReceivedEvent {
  const sequence = Number(need(record, 'ce_sequence'));
  if (!Number.isInteger(sequence) || sequence < 1 || sequence >= 2 ** 31) throw invalid('ce_sequence');
  const occurredAt = dateOf(record, 'ce_time');
  return {
    id: need(record, 'ce_id'),
    source: need(record, 'ce_source'),
    type: need(record, 'ce_type'),
    aggregate: need(record, 'ce_subject'),
    sequence,
    occurredAt,
    recordedAt: recordedAt(record) ?? occurredAt,
    actor: record.headers['ce_actor'] ?? null,
    agencyId: record.headers['ce_agency'] ?? null,
    key: record.key,
    payload: record.value,
    traceparent: record.headers['traceparent'] ?? null,
  };
}

function need(record: EventRecord, header: string): string {
  const value = record.headers[header];
  if (value === undefined || value === '' || value.includes('\0')) throw invalid(header);
  return value;
}

function dateOf(record: EventRecord, header: string): Date {
  const date = new Date(need(record, header));
  if (Number.isNaN(date.getTime())) throw invalid(header);
  return date;
}

const invalid = (header: string) =>
  new DomainError('ENVELOPE_INVALID', `The header ${header} is missing or makes no sense.`, { header });
