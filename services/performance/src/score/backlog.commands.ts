/** Computes anew the scores of all whom something concerns, and of everyone, a chunk a transaction. */

import { holdBelonging } from '@merit/chassis/backlog';
import { type Anew, inPortions, type Portion } from '@merit/chassis/operations/anew';
import type { By } from '@merit/chassis/out/outbox';
import type { DataSource, EntityManager } from 'typeorm';
import { claim, finish, moveOn, nextPeople } from './backlog.table.js';
import { type Changed, foldScores } from './score.commands.js';
import { yearsOf } from './score.table.js';

const CHUNK = 500;

/** Does one chunk of what waits; false when nothing does. What breaks off goes on after the last chunk that was done. */
export const workOff = (db: DataSource, by: By): Promise<boolean> =>
  db.transaction(async (tx) => {
    const work = await claim(tx);
    if (!work) return false;
    await holdBelonging(tx);
    const people = await nextPeople(tx, work, CHUNK);
    await foldScores(
      tx,
      by,
      people.map((employeeId) => ({ employeeId, year: work.year, traceparent: work.traceparent })),
    );
    const last = people.at(-1);
    if (last !== undefined && people.length === CHUNK) await moveOn(tx, work, last);
    else await finish(tx, work);
    return true;
  });

/**
 * Computes scores from their facts, compares each with the stored one, and replaces those that differ, unless it only
 * checks: on a system without fault, none does.
 * @throws PEOPLE_OUT_OF_RANGE on `people`
 */
export async function rebuildScores(db: DataSource, by: By, what: Anew) {
  const { computed, ...found } = await inPortions(db, what, CHUNK, (tx, after, most) =>
    rebuildChunk(tx, by, after, most),
  );
  return { scores: computed, ...found };
}

async function rebuildChunk(tx: EntityManager, by: By, after: string | null, most: number): Promise<Portion<Changed>> {
  await holdBelonging(tx);
  const rows: { id: string }[] = await tx.query(
    `select id from (select id from directory_employee union select employee_id from score) someone
      where $1::uuid is null or id > $1 order by id limit $2`,
    [after, most],
  );
  const ids = rows.map(({ id }) => id);
  const { scores, changed } = await foldScores(tx, by, await yearsOf(tx, ids));
  return { computed: scores, different: changed, next: ids.length === most ? ids.at(-1)! : null };
}
