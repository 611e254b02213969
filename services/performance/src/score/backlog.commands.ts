/** Computes anew the scores of all whom something concerns, and of everyone, a chunk a transaction. */

import { holdBelonging } from '@merit/chassis/backlog';
import { DomainError } from '@merit/chassis/errors';
import type { Anew } from '@merit/chassis/operations/anew';
import type { By } from '@merit/chassis/out/outbox';
import { tried } from '@merit/chassis/trial';
import type { DataSource, EntityManager } from 'typeorm';
import { claim, finish, moveOn, nextPeople } from './backlog.table.js';
import { type Changed, type Folded, foldScores } from './score.commands.js';
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

/** What a rebuild found. */
export interface Rebuilt {
  readonly scores: number;
  readonly different: readonly Changed[];
  /** Where to go on; null when nobody is left. */
  readonly next: string | null;
}

/** So many take a second or so: a request waits no longer than the gateway does, however large the system. */
const MOST_PEOPLE = 1_000;

/**
 * Computes scores from their facts, compares each with the stored one, and replaces those that differ, unless it only
 * checks: on a system without fault, none does. Traffic goes on meanwhile: each chunk holds its own scores, for its
 * transaction.
 * @throws PEOPLE_OUT_OF_RANGE on `people`
 */
export async function rebuildScores(db: DataSource, by: By, { after, people, check }: Anew): Promise<Rebuilt> {
  const most = people ?? CHUNK;
  if (!Number.isInteger(most) || most < 1 || most > MOST_PEOPLE) {
    throw new DomainError('PEOPLE_OUT_OF_RANGE', `Rebuild from 1 to ${MOST_PEOPLE} people at a time, then go on.`, {
      field: 'people',
      max: MOST_PEOPLE,
    });
  }
  const done = { scores: 0, different: [] as Changed[] };
  let cursor = after;
  for (let left = most; left > 0; ) {
    const { last, count, folded } = await (check ? tried : inOne)(db, (tx) =>
      rebuildChunk(tx, by, cursor, Math.min(left, CHUNK)),
    );
    done.scores += folded.scores;
    done.different.push(...folded.changed);
    left -= count;
    cursor = last;
    if (last === null) break;
  }
  return { ...done, next: cursor };
}

const inOne: typeof tried = (db, work) => db.transaction(work);

/** @returns the last person done, null when nobody is left */
async function rebuildChunk(
  tx: EntityManager,
  by: By,
  after: string | null,
  most: number,
): Promise<{ last: string | null; count: number; folded: Folded }> {
  await holdBelonging(tx);
  const rows: { id: string }[] = await tx.query(
    `select id from (select id from directory_employee union select employee_id from score) someone
      where $1::uuid is null or id > $1 order by id limit $2`,
    [after, most],
  );
  const ids = rows.map(({ id }) => id);
  const folded = await foldScores(tx, by, await yearsOf(tx, ids));
  return { last: ids.length === most ? (ids.at(-1) ?? null) : null, count: ids.length, folded };
}
