/** Computes anew the scores of all whom something concerns, and of everyone, a chunk a transaction. */
import type { By } from '@merit/chassis/outbox';
import type { DataSource } from 'typeorm';
import { claim, finish, holdBelonging, moveOn, nextPeople } from './backlog.table.js';
import { type Folded, foldScores } from './score.commands.js';
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
      people.map((employeeId) => ({ employeeId, year: work.year })),
    );
    const last = people.at(-1);
    if (last !== undefined && people.length === CHUNK) await moveOn(tx, work, last);
    else await finish(tx, work);
    return true;
  });

export interface Rebuild {
  /** Everyone after this employee; all when null. */
  readonly after: string | null;
  /** At most so many people; all when null. */
  readonly people: number | null;
}

/**
 * Computes every score from its facts, compares it with the stored one, and replaces those that differ: on a system
 * without fault, none does. Memory holds one chunk.
 */
export async function rebuildScores(
  db: DataSource,
  by: By,
  { after, people }: Rebuild,
): Promise<{ scores: number; different: number; next: string | null }> {
  const done = { scores: 0, different: 0 };
  let cursor = after;
  for (let left = people ?? Number.POSITIVE_INFINITY; left > 0; ) {
    const { last, count, folded } = await rebuildChunk(db, by, cursor, Math.min(left, CHUNK));
    done.scores += folded.scores;
    done.different += folded.changed;
    left -= count;
    cursor = last;
    if (last === null) break;
  }
  return { ...done, next: cursor };
}

/** @returns the last person done, null when nobody is left */
const rebuildChunk = (
  db: DataSource,
  by: By,
  after: string | null,
  most: number,
): Promise<{ last: string | null; count: number; folded: Folded }> =>
  db.transaction(async (tx) => {
    await holdBelonging(tx);
    const rows: { id: string }[] = await tx.query(
      `select id from (select id from directory_employee union select employee_id from score) someone
        where $1::uuid is null or id > $1 order by id limit $2`,
      [after, most],
    );
    const ids = rows.map(({ id }) => id);
    const folded = await foldScores(tx, by, await yearsOf(tx, ids));
    return { last: ids.length === most ? (ids.at(-1) ?? null) : null, count: ids.length, folded };
  });
