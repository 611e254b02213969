/** Where in a chunk to begin: by the position that is kept with the data, not by the transport's. */

import type { Chunk } from '../transport/transport.js';
import { idOf } from './inbox.letter.js';

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

  // These records may still be the other log's: a transport can only name the one that is there now. So they are asked
  // for once more, even where they seem to begin at its beginning.
  if (position.clusterId !== null && position.clusterId !== chunk.clusterId) {
    return { goTo: (await chunk.watermarks()).low, anew: true };
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
