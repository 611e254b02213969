/** Live tables compared with rebuilt ones, which of millions of rows takes longer than a request may. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { DomainError } from '../errors.js';
import type { ReadModel } from './readmodel.js';
import { compareTables, type Difference } from './rebuild.shadow.js';
import { openRebuild } from './rebuild.table.js';

/** So long an answer is waited for; the gateway waits 10 s for a service. Milliseconds. */
const ANSWER_MS = 8_000;
/** What took longer is kept with the rebuild: somebody may have been told to ask again. */
const KEPT_FROM_MS = 5_000;

/** Of this process, by the rebuild's id. */
const comparing = new Map<string, Promise<Difference[]>>();

/**
 * How the live tables differ from the rebuilt ones, all as of one moment. That both are fed in the same transactions makes
 * any moment a fair one once the rebuild is READY. What takes longer than an answer may goes on by itself, and whoever
 * asks again is told what it found.
 * @throws REBUILD_NOT_FOUND, REBUILD_ANOTHER, REBUILD_NOT_READY, REBUILD_COMPARING while it goes on
 */
export async function compareRebuild(db: DataSource, model: ReadModel, id: string): Promise<Difference[]> {
  const { compared } = await openRebuild(db.manager, model, id, ['READY']);
  if (compared) return compared;
  const found = await Promise.race([comparing.get(id) ?? begin(db, model, id), pause(ANSWER_MS, null, { ref: false })]);
  if (found) return found;
  const message = `The tables of ${model.name} are large, and still being compared. Ask again in a moment.`;
  throw new DomainError('REBUILD_COMPARING', message);
}

function begin(db: DataSource, model: ReadModel, id: string): Promise<Difference[]> {
  const work = compare(db, model, id).finally(() => comparing.delete(id));
  work.catch(() => undefined); // whoever still waits is told; the next one who asks begins anew
  comparing.set(id, work);
  return work;
}

async function compare(db: DataSource, model: ReadModel, id: string): Promise<Difference[]> {
  const begun = performance.now();
  const found = await db.transaction('REPEATABLE READ', async (tx) => {
    await tx.query(`set local statement_timeout = '10min'`);
    await openRebuild(tx, model, id, ['READY']);
    return compareTables(tx, model);
  });
  if (performance.now() - begun > KEPT_FROM_MS) {
    await db.query(`update rebuild set compared = $2 where id = $1 and state = 'READY'`, [id, JSON.stringify(found)]);
  }
  return found;
}
