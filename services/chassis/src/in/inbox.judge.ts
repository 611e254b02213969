/** What an event's number says, by what was applied of its aggregate. Everything that happens once and in order rests on it. */

import { DomainError } from '../errors.js';
import type { ReceivedEvent } from '../transport/envelope.js';

/** The last event applied of an aggregate. */
export interface Applied {
  /** 0 where any event of the timeline is the next: the publisher's snapshot had nothing of this aggregate. */
  readonly seq: number;
  /** Null where a snapshot brought it: that tells the number and not the event. */
  readonly eventId: string | null;
  readonly timeline: number;
  /** A person left out one of its events since its last snapshot, so that a snapshot of the same number says more. */
  readonly incomplete?: boolean;
}

/**
 * NEXT applies an event; REPLACES is a snapshot that takes the place of what its aggregate has brought about; CURRENT is
 * one that says what is known already, and counts only for a read model that is built anew; REPEATED is skipped.
 */
export type Verdict = 'NEXT' | 'REPLACES' | 'CURRENT' | 'REPEATED';

/**
 * What an event's number says, by what was applied of its aggregate.
 * @param floor the latest timeline of which its source's whole snapshot was taken in
 * @param healing something of its key waits, and a snapshot may settle it
 */
export function judge(
  event: ReceivedEvent,
  applied: Applied | undefined,
  floor = 1,
  healing = false,
): Verdict | DomainError {
  if (event.timeline < Math.max(floor, applied?.timeline ?? 1)) return 'REPEATED'; // of a history that was left
  const last = applied?.seq ?? 0;
  const risen = applied !== undefined && event.timeline > applied.timeline;
  if (event.snapshot !== null) {
    if (risen || event.sequence > last) return 'REPLACES';
    if (event.sequence < last) return 'REPEATED';
    return healing || applied?.incomplete ? 'REPLACES' : 'CURRENT';
  }
  if (risen) return newTimeline(event);
  if (event.sequence === last + 1 || applied?.seq === 0) return 'NEXT';
  if (event.sequence < last) return 'REPEATED';
  if (event.sequence > last) return gap(event, last);
  return applied?.eventId === null || event.id === applied?.eventId ? 'REPEATED' : diverged(event, applied);
}

const gap = ({ aggregate, sequence }: ReceivedEvent, last: number) =>
  new DomainError(
    'GAP',
    `Event ${last + 1} of ${aggregate} is missing: this is ${sequence}. Its publisher is asked to send from there again; ` +
      'if this still waits in some minutes, ask it for a snapshot.',
  );

const newTimeline = ({ aggregate, timeline }: ReceivedEvent) =>
  new DomainError(
    'TIMELINE',
    `The publisher of ${aggregate} was restored from a backup (timeline ${timeline}): this waits for its snapshot, which ` +
      'follows by itself. If none is running there, ask for one.',
  );

const diverged = ({ aggregate, sequence }: ReceivedEvent, applied: Applied | undefined) =>
  new DomainError(
    'DIVERGED',
    `Event ${sequence} of ${aggregate} was applied as ${applied?.eventId}: its publisher's history is another now. If its ` +
      'database was restored from a backup, raise its timeline, which sends a snapshot.',
  );
