/** A record as it is set aside, and what a record says of itself before it is read. */

import { DomainError } from '../errors.js';
import { type ReceivedEvent, toEvent } from '../transport/envelope.js';
import type { LogRecord } from '../transport/transport.js';

/** A record that is set aside, and why: of itself, or behind another of its key. */
export interface Letter {
  readonly record: LogRecord;
  readonly key: string;
  readonly eventId: string | null;
  readonly sequence: number | null;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  /** The first sequence that its publisher should send again; null where that would not help, or nobody can be asked. */
  readonly askFrom: number | null;
}

/** A key as the database can hold it. */
export const keyOf = ({ key }: { readonly key: string }): string => storable(key);

/** The id that a record says it has, as the database can hold it. */
export const idOf = ({ headers }: Pick<LogRecord, 'headers'>): string | null =>
  headers['ce_id'] === undefined ? null : storable(headers['ce_id']);

/** PostgreSQL's text holds every character but one. */
export const storable = (text: string): string => text.replaceAll('\0', '\ufffd');

export const letterOf = (
  record: LogRecord,
  error: { code: string; message: string },
  { attempts = 1, last = 0 } = {},
): Letter => ({
  record,
  key: keyOf(record),
  eventId: idOf(record),
  sequence: sequenceOf(record),
  code: error.code,
  message: storable(error.message).slice(0, 1_000),
  attempts,
  askFrom: askFrom(record, error.code, last),
});

function sequenceOf(record: LogRecord): number | null {
  const sequence = Number(record.headers['ce_sequence']);
  return Number.isInteger(sequence) && sequence > 0 && sequence < 2 ** 31 ? sequence : null;
}

/** Of what is damaged, the same event; all of its aggregate where it does not even say which. No snapshot is sent again. */
function askFrom(record: LogRecord, code: string, last: number): number | null {
  if (record.headers['ce_snapshot'] !== undefined) return null;
  if (code === 'GAP') return last + 1;
  return code === 'PAYLOAD_INVALID' || code === 'ENVELOPE_INVALID' ? (sequenceOf(record) ?? 1) : null;
}

/** The event in a record, or what is wrong with it. */
export function read(record: LogRecord): ReceivedEvent | DomainError {
  try {
    return toEvent(record);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
