/** Measures what is due: at each month's end, and again when answers or people served are entered later (R7). */
import type { DataSource, EntityManager } from 'typeorm';
import { type By, publish } from '../publish.js';
import { measure } from './measurement.js';
import { measuredMessage } from './satisfaction.events.js';
import { figuresOn, SATISFACTION_FIGURES } from './satisfaction.figures.js';
import { clearDue, insertMeasurements, noteLook, readYears, takeDue } from './satisfaction.table.js';

/** Services and years measured in one transaction: twelve events each at most, far below a second of work. */
const CHUNK = 100;

/**
 * Measures everything that is due at this moment, chunk by chunk. A chunk that was committed is done: whoever goes on
 * after a crash begins where it ended.
 * @returns how many measurements were made
 */
export async function measureDue(db: DataSource, by: By, now: Date): Promise<number> {
  let made = 0;
  for (;;) {
    const chunk = await db.transaction((tx) => measureChunk(tx, by, now));
    made += chunk.made;
    if (chunk.looked < CHUNK) return made;
  }
}

/** Nine statements, however many services. */
async function measureChunk(tx: EntityManager, by: By, now: Date): Promise<{ looked: number; made: number }> {
  const due = await takeDue(tx, now, CHUNK);
  if (due.length === 0) return { looked: 0, made: 0 };
  await clearDue(tx, due);
  const years = await readYears(tx, due);
  const made = years.flatMap((year, i) => {
    const { fewestShown: fewest } = figuresOn(SATISFACTION_FIGURES, `${year.year}-12-31`);
    return measure(year, due[i]!.lastMonth, { fewest, newId: by.newId, now });
  });
  const agencies = new Map(due.map(({ serviceId, agencyId }) => [serviceId, agencyId]));
  await insertMeasurements(tx, made);
  await noteLook(tx, due);
  const messages = made.map((measurement) => measuredMessage(measurement, agencies.get(measurement.serviceId)!));
  await publish(tx, by, messages);
  return { looked: due.length, made: made.length };
}
