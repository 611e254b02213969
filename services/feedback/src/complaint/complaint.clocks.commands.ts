/** What happens to many clocks at once: a calendar moves them, and their limits pass. */
import type { DataSource, EntityManager } from 'typeorm';
import { calendarsOf } from '../calendar/calendar.table.js';
import { type By, publish } from '../publish.js';
import { complaintMessage } from './complaint.events.js';
import { COMPLAINT_FIGURES } from './complaint.figures.js';
import { isOpen } from './complaint.js';
import { saveComplaints, takeOpen, takePassed } from './complaint.table.js';
import { moveClocks, passDeadline } from './limits.js';

const CHUNK = 1_000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Counts the clocks anew that run in an agency (null: everywhere), in the caller's transaction, chunk by chunk. */
export async function moveOpenClocks(tx: EntityManager, agencyId: string | null, now: Date): Promise<void> {
  for (let after = BEFORE_ALL; ; ) {
    const open = await takeOpen(tx, agencyId, after, CHUNK);
    const calendarOf = await calendarsOf(tx, [...new Set(open.map((complaint) => complaint.agencyId))]);
    const moved = open.flatMap((complaint) => {
      const rules = { figures: COMPLAINT_FIGURES, calendar: calendarOf(complaint.agencyId) };
      return complaint.status === 'RECEIVED' || isOpen(complaint) ? [moveClocks(complaint, rules, now)] : [];
    });
    await saveComplaints(tx, moved);
    if (open.length < CHUNK) return;
    after = open.at(-1)!.id;
  }
}

/**
 * Says of each open complaint, once, that its limit has passed. Chunk by chunk, so that whoever goes on after a crash
 * begins where it ended.
 * @returns of how many it was said
 */
export async function passDeadlines(db: DataSource, by: By, now: Date): Promise<number> {
  for (let passed = 0; ; ) {
    const chunk = await db.transaction((tx) => passChunk(tx, by, now));
    passed += chunk;
    if (chunk < CHUNK) return passed;
  }
}

async function passChunk(tx: EntityManager, by: By, now: Date): Promise<number> {
  const passed = (await takePassed(tx, now, CHUNK)).filter(isOpen);
  const decisions = passed.map((complaint) => passDeadline(complaint, now));
  await saveComplaints(
    tx,
    decisions.map(({ state }) => state),
  );
  await publish(
    tx,
    by,
    decisions.flatMap(({ events }) => events.map(complaintMessage)),
  );
  return passed.length;
}
