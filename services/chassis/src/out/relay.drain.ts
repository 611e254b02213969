/** Empties the outbox, three batches at a time: one is marked, one is published, one is read. */
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { EventTransport } from '../transport/transport.js';
import type { Fence, OutboxRow, Refused } from './outbox.table.js';
import { markPublished, park, readWaiting } from './outbox.table.js';
import { sendRows } from './relay.send.js';

interface DrainOptions {
  readonly db: DataSource;
  readonly transport: EventTransport;
  readonly source: string;
  readonly topic: string;
  readonly log: Logger;
}

/** What a drain is told, and tells, between two batches. */
interface Progress {
  /** Whether to go on: false once the lease is another's, or time is up. */
  goesOn(): boolean;
  /** So many rows were published and marked. */
  onMarked(rows: number): Promise<void>;
}

/**
 * Reads, publishes, marks, until nothing waits. The mark checks the epoch; publishing cannot, so a leader that was stopped
 * and wakes may put old events on the topic once more. Consumers compare sequences and skip them.
 *
 * Batches are published one after another, so the order is that of the ids. The next one is read while the one before is
 * published, past exactly those rows that are on their way: for each aggregate, what is read later comes later. The mark
 * of one runs beside the publishing of the next; should it fail, both are read and published again, in order. A refused
 * row changes what may follow it, so then what was read ahead is forgotten.
 * @returns how many rows were published or parked until nothing more was found; null when it was broken off
 */
export async function drain(
  options: DrainOptions,
  fence: Fence,
  { goesOn, onMarked }: Progress,
): Promise<number | null> {
  const { db } = options;
  let done = 0;
  let unmarked: OutboxRow[] = [];
  const mark = async (): Promise<boolean> => {
    const rows = unmarked;
    if (rows.length === 0) return true;
    if (!(await markPublished(db, fence, rows))) return false; // someone else leads now
    await onMarked(rows.length);
    return true;
  };
  let batch = await readWaiting(db);
  while (batch.length > 0 && goesOn()) {
    const [{ sent, refused }, ahead, leads] = await together([
      sendRows(options, batch),
      readWaiting(db, [...unmarked, ...batch]),
      mark(),
    ]);
    if (!leads) return null;
    done += batch.length;
    unmarked = sent;
    batch = ahead;
    if (refused.length === 0) continue;
    if (!(await mark())) return null;
    unmarked = [];
    await park(db, fence, refused);
    complain(options, refused);
    batch = await readWaiting(db);
  }
  return (await mark()) && batch.length === 0 ? done : null;
}

function complain({ log, topic }: DrainOptions, refused: readonly Refused[]): void {
  for (const { row, error } of refused) {
    log.error({ err: error, topic, eventId: row.event_id, key: row.key }, 'event parked with its key: it was refused');
  }
}

/** All of them, each to its end: what one began must not go on beside the next attempt. @throws the first error */
async function together<A, B, C>(work: [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
