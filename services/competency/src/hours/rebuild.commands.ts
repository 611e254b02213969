/** Counts everyone's hours anew, a chunk a transaction: after a read model was put in place, nothing else does. */
import { holdBelonging } from '@merit/chassis/backlog';
import { type Anew, inPortions, type Portion } from '@merit/chassis/operations/anew';
import type { By } from '@merit/chassis/out/outbox';
import type { DataSource, EntityManager } from 'typeorm';
import { recount } from './ledger.commands.js';
import { lockLearners, type Stored, storedLedgers } from './ledger.table.js';
import { ALL_YEARS } from './span.js';

const CHUNK = 250;

/** A ledger as it was, and as its trainings and its person give it. */
export interface Changed {
  readonly before: Stored | null;
  readonly after: Stored;
}

/**
 * Counts hours anew from the trainings and from who is known, and replaces and publishes the ledgers that were otherwise,
 * unless it only checks.
 * @throws PEOPLE_OUT_OF_RANGE on `people`
 */
export async function rebuildLedgers(db: DataSource, by: By, what: Anew) {
  const { computed, ...found } = await inPortions(db, what, CHUNK, (tx, after, most) =>
    rebuildChunk(tx, by, after, most),
  );
  return { ledgers: computed, ...found };
}

async function rebuildChunk(tx: EntityManager, by: By, after: string | null, most: number): Promise<Portion<Changed>> {
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
  return { computed: ledgers.length, different, next: ids.length === most ? ids.at(-1)! : null };
}
