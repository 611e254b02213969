/** What to do with a record that arrives: the decisions, apart from the statements. */

import { DomainError } from '../errors.js';
import { isSignal, isSnapshotEnded, type ReceivedEvent, recordedAt } from '../transport/envelope.js';
import type { LogRecord } from '../transport/transport.js';
import { type Applied, judge, type Verdict } from './inbox.judge.js';
import { keyOf, type Letter, letterOf, read, storable } from './inbox.letter.js';

/** What is known of the aggregates that some events are about, and of those who publish them. */
export interface Known {
  /** By `sequenceName`; nothing of an aggregate that is new. */
  readonly applied: ReadonlyMap<string, Applied>;
  /** The latest timeline of a source of which a whole snapshot was taken in; 1 where nothing stands. */
  readonly timelines: ReadonlyMap<string, number>;
}

/** What is to be done with an event. */
export interface Step {
  readonly kind: Exclude<Verdict, 'REPEATED'>;
  readonly event: ReceivedEvent;
  /** The last event applied of its aggregate until then. */
  readonly before: Applied | undefined;
}

/** How far an aggregate is applied. */
export interface Sequence extends Applied {
  readonly source: string;
  readonly aggregate: string;
}

export interface Sifted {
  /** In order. */
  readonly steps: readonly Step[];
  readonly letters: readonly Letter[];
  /** Snapshots that may settle letters of their aggregate which wait. */
  readonly heals: readonly Heal[];
  /** The last event of each aggregate once `steps` are done, where that is another than before. */
  readonly sequences: ReadonlyMap<string, Sequence>;
  /** How many had been applied before. */
  readonly repeated: number;
  /** Runs of snapshots that end with these records. */
  readonly ended: readonly Ended[];
  /** The time of the last heartbeat, or of the last event that can be read. */
  readonly asOf: Date | null;
}

/** A snapshot, and where it stands in its partition. */
export interface Heal {
  readonly event: ReceivedEvent;
  readonly offset: number;
}

/** A run of snapshots that is complete on a partition. */
export interface Ended {
  readonly source: string;
  readonly run: string;
  readonly timeline: number;
}

export const sequenceName = ({ source, aggregate }: { source: string; aggregate: string }) => `${source} ${aggregate}`;

/**
 * Sorts records, in order, into what is to be done and what is set aside. A key that has something set aside is parked:
 * what follows waits behind it, in order, and the other keys go on. A snapshot waits for nothing: it says how its
 * aggregate stands whatever was missed.
 */
export function sift(
  records: readonly LogRecord[],
  parked: ReadonlySet<string>,
  { applied, timelines }: Known,
): Sifted {
  const closed = new Set(parked);
  const sequences = new Map<string, Sequence>();
  const steps: Step[] = [];
  const letters: Letter[] = [];
  const heals: Heal[] = [];
  const ended: Ended[] = [];
  let repeated = 0;
  let asOf: Date | null = null;
  const hear = (at: Date | null) => {
    if (at && (asOf === null || at > asOf)) asOf = at;
  };
  const setAside = (record: LogRecord, error: { code: string; message: string }, last = 0) => {
    closed.add(keyOf(record));
    letters.push(letterOf(record, error, { last }));
  };
  for (const record of records) {
    if (isSignal(record)) {
      hear(recordedAt(record));
      if (isSnapshotEnded(record)) ended.push(...endOf(record));
      continue;
    }
    const waits = closed.has(keyOf(record));
    const event = read(record);
    if (event instanceof DomainError) {
      setAside(record, event);
      continue;
    }
    hear(event.recordedAt);
    if (waits && event.snapshot === null) {
      setAside(record, { code: 'WAITS', message: 'An earlier event of this key was set aside. Settle that one.' });
      continue;
    }
    const name = sequenceName(event);
    const before = sequences.get(name) ?? applied.get(name);
    const verdict = judge(event, before, timelines.get(event.source), waits);
    if (verdict instanceof DomainError) setAside(record, verdict, before?.seq);
    else if (verdict === 'REPEATED') repeated += 1;
    else {
      steps.push({ kind: verdict, event, before });
      if (verdict === 'CURRENT') continue;
      if (verdict === 'REPLACES' && waits) heals.push({ event, offset: record.offset });
      sequences.set(name, afterwards(event, before));
    }
  }
  return { steps, letters, heals, sequences, repeated, ended, asOf };
}

/** What is known of an aggregate once this event is applied. */
export const afterwards = (
  { source, aggregate, sequence: seq, id, timeline, snapshot }: ReceivedEvent,
  before?: Applied,
): Sequence => ({
  source,
  aggregate,
  seq,
  eventId: snapshot === null ? id : null,
  timeline,
  incomplete: snapshot === null && (before?.incomplete ?? false),
});

/**
 * An end that does not say of what is passed over, or with names longer than an index takes: then the run is never known
 * to be complete, which is the safe side.
 */
function endOf({ headers }: LogRecord): Ended[] {
  const source = headers['ce_source'];
  const run = headers['ce_snapshot'];
  const timeline = Number(headers['ce_timeline'] ?? 1);
  if (
    !source ||
    !run ||
    source.length + run.length > 500 ||
    !(Number.isInteger(timeline) && timeline > 0 && timeline < 2 ** 31)
  )
    return [];
  return [{ source: storable(source), run: storable(run), timeline }];
}
