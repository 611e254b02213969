/** Every header that a record may carry: what `envelope.ts` writes by, and the published description of events is made from. */

/** On what a header stands: on each record, on all but heartbeats, on events of an aggregate alone, or where it applies. */
export type Presence = 'record' | 'message' | 'event' | 'sometimes';

export interface Header {
  readonly on: Presence;
  readonly says: string;
  /** A JSON Schema `format`. */
  readonly format?: 'uuid' | 'date-time';
  /** A JSON Schema `pattern`, for what has a form of its own. */
  readonly pattern?: string;
  /** The only value it ever has. */
  readonly always?: string;
  readonly example?: string;
}

export const HEADERS = {
  ce_specversion: { on: 'record', says: 'The version of CloudEvents.', always: '1.0' },
  ce_id: {
    on: 'record',
    says: 'The event, a UUIDv7. The same event may come again under it, and has one effect.',
    example: '01935f2e-7c1a-7b3e-9a55-2f0d6c1e8b47',
  },
  ce_source: { on: 'record', says: 'Who published it.', pattern: '^/merit/[a-z]+$', example: '/merit/competency' },
  ce_type: {
    on: 'record',
    says: 'Which event it is, by the full name of its message.',
    example: 'merit.competency.v1.TrainingCompleted',
  },
  ce_time: { on: 'record', says: 'When it happened.', format: 'date-time' },
  ce_recordedtime: { on: 'record', says: 'When its publisher wrote it down.', format: 'date-time' },
  ce_dataschema: {
    on: 'message',
    says: 'The contract of the value.',
    example: 'urn:merit:proto:merit.competency.v1.TrainingCompleted',
  },
  'content-type': { on: 'message', says: 'What the value is.', always: 'application/protobuf' },
  ce_subject: {
    on: 'event',
    says: 'The aggregate that it happened to: its kind and its id.',
    pattern: '^[a-z-]+/.+$',
    example: 'enrolment/01935f2e-7c1a-7b3e-9a55-2f0d6c1e8b47',
  },
  ce_sequence: {
    on: 'event',
    says: "The event's number among those of its aggregate: 1, 2, 3, without a gap. A snapshot has that of the last event it contains.",
    pattern: '^[1-9][0-9]*$',
    example: '1',
  },
  ce_partitionkey: { on: 'event', says: 'The key of the record: whom or what the event is about.' },
  ce_actor: {
    on: 'sometimes',
    says: 'Who caused it. Absent where nobody may know.',
    pattern: '^((employee|client)/.+|system)$',
    example: 'employee/01935f2e-7c1a-7b3e-9a55-2f0d6c1e8b47',
  },
  ce_agency: { on: 'sometimes', says: 'The agency that it happened in.', format: 'uuid' },
  ce_timeline: {
    on: 'sometimes',
    says: 'Raised when the publisher was restored from a backup; absent for the first.',
    pattern: '^[1-9][0-9]*$',
  },
  ce_snapshot: { on: 'sometimes', says: 'The run of snapshots that the record belongs to.' },
  traceparent: { on: 'sometimes', says: 'The trace that it was caused in (W3C Trace Context).' },
} as const satisfies Record<string, Header>;

export type HeaderName = keyof typeof HEADERS;

/** Headers as they are written: none that is not described above. */
export type Headers = { readonly [Name in HeaderName]?: string };
