/** What to do with a record that arrives: the decisions, apart from the statements. */
import { isHeartbeat, type ReceivedEvent, recordedAt, toEvent } from './envelope.js';
import { DomainError } from './errors.js';
import type { Chunk, LogRecord } from './transport.js';

/** How far a partition is applied, as the service's own database says. */
export interface Position {
  readonly next: number;
  /** The log it belongs to; null before the first record. */
  readonly clusterId: string | null;
  /** `ce_id` of the record at `next − 1`. */
  readonly lastEventId: string | null;
}

/** Where to begin in a chunk, or where else to go; `anew` when that is the beginning of a log that is not the one we knew. */
export type Entry = { readonly from: number } | { readonly goTo: number; readonly anew: boolean };

/** What the process remembers of the chunks before. */
export interface Trust {
  /** The offset after the last record that went through here; null when the last chunk was left for another place. */
  readonly expected: number | null;
  /** Where we asked to go, and whether that was the beginning of another log. */
  readonly asked: { readonly offset: number; readonly anew: boolean } | null;
}

/**
 * Compares a chunk with the position that is kept with the data. Offsets of the transport are not enough: on joining a
 * group, records from its own offset arrive first, and after a rebalance nothing goes back.
 *
 * A chunk that goes on where the last one ended is taken from `next` on. Any other must show the record at `next − 1`,
 * which has to be the one that was applied last. If it is another or gone, or if the log has another name or no longer
 * holds `next`, then the log was made anew or cut: begin where it begins, and let the sequences sort it out.
 */
export async function enter(position: Position, chunk: Chunk, { expected, asked }: Trust): Promise<Entry> {
  const first = chunk.records[0]!.offset;
  if (asked?.anew && asked.offset === first) return { from: first };
  // A log may really have a hole at the place we asked for: then what comes after it is next.
  const goTo = (offset: number): Entry =>
    asked?.offset === offset && first > offset ? { from: first } : { goTo: offset, anew: false };
  const beginAt = (low: number): Entry => (first === low ? { from: low } : { goTo: low, anew: true });

  if (position.clusterId !== null && position.clusterId !== chunk.clusterId) {
    return beginAt((await chunk.watermarks()).low);
  }
  if (position.next === 0 || first === expected) {
    if (first <= position.next) return { from: position.next };
    const { low } = await chunk.watermarks();
    return low > position.next ? beginAt(low) : goTo(position.next);
  }
  const before = position.next - 1;
  const applied = chunk.records.find(({ offset }) => offset === before);
  if (applied && idOf(applied) === position.lastEventId) return { from: position.next };
  const { low, high } = await chunk.watermarks();
  return applied || before < low || before >= high ? beginAt(low) : goTo(before);
}

/** The last event applied of an aggregate. */
export interface Applied {
  readonly seq: number;
  readonly eventId: string;
}

/** A record that is set aside, and why: of itself, or behind another of its key. */
export interface Letter {
  readonly record: LogRecord;
  readonly key: string;
  readonly eventId: string | null;
  readonly sequence: number | null;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
}

export interface Sifted {
  readonly apply: readonly ReceivedEvent[];
  readonly letters: readonly Letter[];
  /** The last event of each aggregate once `apply` is applied, where that is another than before. */
  readonly sequences: ReadonlyMap<string, Applied & { readonly source: string; readonly aggregate: string }>;
  /** How many had been applied before. */
  readonly repeated: number;
  /** The time of the last event or heartbeat. */
  readonly asOf: Date | null;
}

export const sequenceName = ({ source, aggregate }: { source: string; aggregate: string }) => `${source} ${aggregate}`;

/** A key as the database can hold it. */
export const keyOf = ({ key }: { readonly key: string }): string => storable(key);

/** The id that a record says it has, as the database can hold it. */
export const idOf = ({ headers }: Pick<LogRecord, 'headers'>): string | null =>
  headers['ce_id'] === undefined ? null : storable(headers['ce_id']);

/** PostgreSQL's text holds every character but one. */
export const storable = (text: string): string => text.replaceAll('\0', '\ufffd');

export const letterOf = (record: LogRecord, error: { code: string; message: string }, attempts = 1): Letter => ({
  record,
  key: keyOf(record),
  eventId: idOf(record),
  sequence: sequenceOf(record),
  code: error.code,
  message: storable(error.message).slice(0, 1_000),
  attempts,
});

function sequenceOf(record: LogRecord): number | null {
  const sequence = Number(record.headers['ce_sequence']);
  return Number.isInteger(sequence) && sequence > 0 && sequence < 2 ** 31 ? sequence : null;
}

/** What an event's number says, by what was applied of its aggregate: apply it, had it, or set it aside. */
export function judge(event: ReceivedEvent, applied: Applied | undefined): 'NEXT' | 'REPEATED' | DomainError {
  const last = applied?.seq ?? 0;
  if (event.sequence === last + 1) return 'NEXT';
  if (event.sequence < last) return 'REPEATED';
  if (event.sequence > last) {
    return new DomainError('GAP', `Event ${last + 1} of ${event.aggregate} is missing: this is ${event.sequence}.`);
  }
  if (event.id === applied?.eventId) return 'REPEATED';
  return new DomainError(
    'DIVERGED',
    `Event ${event.sequence} of ${event.aggregate} was applied as ${applied?.eventId}: its publisher's history is another now.`,
  );
}

/**
 * Sorts records, in order, into what is to be applied and what is set aside. A key that has something set aside is
 * parked: what follows waits behind it, in order, and the other keys go on.
 */
export function sift(
  records: readonly LogRecord[],
  parked: ReadonlySet<string>,
  applied: ReadonlyMap<string, Applied>,
): Sifted {
  const closed = new Set(parked);
  const sequences = new Map<string, Applied & { source: string; aggregate: string }>();
  const apply: ReceivedEvent[] = [];
  const letters: Letter[] = [];
  let repeated = 0;
  let asOf: Date | null = null;
  const setAside = (record: LogRecord, error: { code: string; message: string }) => {
    closed.add(keyOf(record));
    letters.push(letterOf(record, error));
  };
  for (const record of records) {
    const at = recordedAt(record);
    if (at && (asOf === null || at > asOf)) asOf = at;
    if (isHeartbeat(record)) continue;
    if (closed.has(keyOf(record))) {
      setAside(record, { code: 'WAITS', message: 'An earlier event of this key was set aside.' });
      continue;
    }
    const event = read(record);
    if (event instanceof DomainError) {
      setAside(record, event);
      continue;
    }
    const name = sequenceName(event);
    const verdict = judge(event, sequences.get(name) ?? applied.get(name));
    if (verdict instanceof DomainError) setAside(record, verdict);
    else if (verdict === 'REPEATED') repeated += 1;
    else {
      apply.push(event);
      sequences.set(name, { source: event.source, aggregate: event.aggregate, seq: event.sequence, eventId: event.id });
    }
  }
  return { apply, letters, sequences, repeated, asOf };
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
