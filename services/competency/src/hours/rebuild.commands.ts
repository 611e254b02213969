/** Counts everyone's hours anew, a chunk a transaction: after a read model was put in place, nothing else does. */
import { holdBelonging } from '@merit/chassis/backlog';
import { DomainError } from '@merit/chassis/errors';
import type { Anew } from '@merit/chassis/operations/anew';
import type { By } from '@merit/chassis/out/outbox';
import { tried } from '@merit/chassis/trial';
import type { DataSource, EntityManager } from 'typeorm';
import { recount } from './ledger.commands.js';
import { lockLearners, type Stored, storedLedgers } from './ledger.table.js';
import { ALL_YEARS } from './span.js';

const CHUNK = 250;

/** So many take a few seconds: a request waits no longer than the gateway does. */
const MOST_PEOPLE = 1_000;

/** A ledger as it was, and as its trainings and its person give it. */
export interface Changed {
  readonly before: Stored | null;
  readonly after: Stored;
}

export interface Rebuilt {
  readonly ledgers: number;
  readonly different: readonly Changed[];
  /** Where to go on; null when nobody is left. */
  readonly next: string | null;
}

/**
 * Counts hours anew from the trainings and from who is known, and replaces and publishes the ledgers that were otherwise,
 * unless it only checks. Traffic goes on meanwhile: each chunk holds the hours of its own people, for its transaction.
 * @throws PEOPLE_OUT_OF_RANGE on `people`
 */
export async function rebuildLedgers(db: DataSource, by: By, { after, people, check }: Anew): Promise<Rebuilt> {
  const most = people ?? CHUNK;
  if (!Number.isInteger(most) || most < 1 || most > MOST_PEOPLE) {
    throw new DomainError('PEOPLE_OUT_OF_RANGE', `Count from 1 to ${MOST_PEOPLE} people at a time, then go on.`, {
      field: 'people',
      max: MOST_PEOPLE,
    });
  }
  const done = { ledgers: 0, different: [] as Changed[] };
  let cursor = after;
  for (let left = most; left > 0; left -= CHUNK) {
    const wanted = Math.min(left, CHUNK);
    const chunk = await (check ? tried : inOne)(db, (tx) => rebuildChunk(tx, by, cursor, wanted));
    done.ledgers += chunk.ledgers;
    done.different.push(...chunk.different);
    cursor = chunk.next;
    if (cursor === null) break;
  }
  return { ...done, next: cursor };
}

const inOne: typeof tried = (db, work) => db.transaction(work);

async function rebuildChunk(tx: EntityManager, by: By, after: string | null, most: number): Promise<Rebuilt> {
  await holdBelonging(tx);
  const rows: { id: string }[] = await tx.query(
    'select id from directory_employee where $1::uuid is null or id > $1 order by id limit $2',
    [after, most],
  );
  const ids = rows.map(({ id }) => id);
  await lockLearners(tx, ids);
  const before = new Map((await storedLedgers(tx, ids)).map((ledger) => [ledger.id, ledger]));
  await recount(tx, by, new Map(ids.map((id) => [id, ALL_YEARS])));
  const ledgers = await storedLedgers(tx, ids);
  const different = ledgers
    .filter(({ id, version }) => before.get(id)?.version !== version)
    .map((ledger) => ({ before: before.get(ledger.id) ?? null, after: ledger }));
  return { ledgers: ledgers.length, different, next: ids.length === most ? ids.at(-1)! : null };
}
