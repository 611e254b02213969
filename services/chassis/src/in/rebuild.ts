/**
 * A read model built a second time, beside the live one and while traffic goes on: opened, swapped in or dropped.
 *
 * What makes it exact is one row lock; where commands write the live tables, it is said in `rebuild.own.ts`. Each chunk locks its partition's row in `consumer_offset` first, and the mark that a
 * rebuild is open stands in that row; it is set and taken away in all partitions in one transaction. So a chunk, of
 * whichever process, either ends before the rebuild is opened, swapped or dropped, or begins after it and knows.
 */
import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError, sqlState } from '../errors.js';
import { backoff } from '../pause.js';
import type { Decision } from './deadletter.js';
import type { ReadModel } from './readmodel.js';
import { schemaOf } from './rebuild.feed.js';
import { holdCommands, isOwn, openOwn } from './rebuild.own.js';
import { createShadow, dropShadow, exchange } from './rebuild.shadow.js';
import { addRebuild, closeRebuild, openRebuild, type Rebuild, rebuilds, refuseOpen } from './rebuild.table.js';
import { askForSnapshot } from './requests.out.js';

export interface RebuildRequest extends Decision {
  /** Who publishes the model's topic: `/merit/personnel`. */
  readonly source: string;
  /** The asking service's name, for the publisher's list of snapshots. */
  readonly consumer?: string;
}

/**
 * Opens a rebuild, and asks the publisher for a snapshot where that is another service. A failed one of the same model is
 * dropped.
 * @throws REBUILD_OPEN, REBUILD_NOTHING_READ
 */
export async function startRebuild(db: DataSource, model: ReadModel, request: RebuildRequest): Promise<Rebuild> {
  const { source, by, reason, consumer = by } = request;
  const id = randomUUID();
  await unhurried(db, async (tx) => {
    if (isOwn(model)) return openOwn(tx, model, { id, source, by, reason });
    if (!(await lockPartitions(tx, model.topic))) {
      const message = `Nothing of ${model.topic} was read here yet: there is no place at which a rebuild could begin.`;
      throw new DomainError('REBUILD_NOTHING_READ', message);
    }
    await refuseOpen(tx, model);
    await createShadow(tx, model);
    await addRebuild(tx, model, { id, source, by, reason });
    await tx.query(
      `update consumer_offset set rebuilding = array_append(array_remove(rebuilding, $2), $2) where topic = $1`,
      [model.topic, model.name],
    );
    await askForSnapshot(tx, { requestId: id, source, consumer });
  });
  return (await rebuilds(db)).find((each) => each.id === id)!;
}

/**
 * The rebuilt tables become the live ones. What follows from them elsewhere, as scores do, is not computed anew by that.
 * The replaced tables stay in the schema `replaced_<model>` until the next rebuild.
 * @param id of the rebuild that was looked at: another may have been begun since
 * @throws REBUILD_NOT_FOUND, REBUILD_ANOTHER, REBUILD_NOT_READY also while a record of its snapshot is set aside,
 * REBUILD_DIVERGED, BUSY
 */
export const swapRebuild = (db: DataSource, model: ReadModel, id: string, decision: Decision): Promise<void> =>
  unhurried(db, async (tx) => {
    if (isOwn(model)) await holdCommands(tx);
    else await lockPartitions(tx, model.topic);
    await openRebuild(tx, model, id, ['READY']);
    if (!isOwn(model)) {
      await refuseWaiting(tx, model, id);
      await refuseDiverged(tx, model);
    }
    await exchange(tx, model);
    await closeRebuild(tx, model, id, 'SWAPPED', decision);
  });

/** @throws REBUILD_NOT_FOUND, REBUILD_ANOTHER, BUSY */
export const dropRebuild = (db: DataSource, model: ReadModel, id: string, decision: Decision): Promise<void> =>
  unhurried(db, async (tx) => {
    await lockPartitions(tx, model.topic);
    await openRebuild(tx, model, id, ['FILLING', 'READY', 'FAILED']);
    await dropShadow(tx, model);
    await closeRebuild(tx, model, id, 'DROPPED', decision);
  });

/** A snapshot that could not be applied here has not reached the rebuild either, though all partitions are complete. */
async function refuseWaiting(tx: EntityManager, { name, topic }: ReadModel, id: string): Promise<void> {
  const [{ n }] = await tx.query(
    `select count(*)::int as n from dead_letter
      where state = 'WAITING' and topic = $1 and headers->>'ce_snapshot' = $2`,
    [topic, id],
  );
  if (n === 0) return;
  const message = `${n} records of the snapshot for the rebuild of ${name} are set aside: retry them, or drop it.`;
  throw new DomainError('REBUILD_NOT_READY', message, { waiting: n });
}

/**
 * Both get the same events in the same transactions; if their numbers differ all the same, this program has a fault, or
 * a snapshot that was set aside has been left out. A number of 0 stands for what the publisher no longer has.
 */
async function refuseDiverged(tx: EntityManager, model: ReadModel): Promise<void> {
  const [{ n }] = await tx.query(
    `select count(*)::int as n from ${schemaOf(model)}.applied_sequence s
       full join (select * from applied_sequence where source = (
         select source from rebuild where model = $1 and state = 'READY')) l using (source, aggregate)
      where (l.timeline, l.last_seq) is distinct from (s.timeline, s.last_seq)
        and not (s.aggregate is null and l.last_seq = 0)`,
    [model.name],
  );
  if (n === 0) return;
  const message = `${n} aggregates are at other numbers in the rebuild of ${model.name}, or missing: drop it, and start another.`;
  throw new DomainError('REBUILD_DIVERGED', message, { aggregates: n });
}

/** The first row alone, then all: whoever adds a row holds the first, so the second statement sees every row there is. */
async function lockPartitions(tx: EntityManager, topic: string): Promise<boolean> {
  const first = 'select from consumer_offset where topic = $1 order by partition limit 1 for update';
  const rows: unknown[] = await tx.query(first, [topic]);
  await tx.query('select from consumer_offset where topic = $1 order by partition for update', [topic]);
  return rows.length > 0;
}

const TRIES = 6;
/** It may wait twice: for whoever is at work, and for whoever reads. Commands that wait behind give up after two seconds. */
const LOCK_TIMEOUT = '800ms';

/**
 * A transaction that gives up soon when it must wait for a lock, and is tried again: whoever waits for an exclusive lock
 * makes all that come after wait behind.
 * @throws BUSY after six tries
 */
async function unhurried<R>(db: DataSource, work: (tx: EntityManager) => Promise<R>): Promise<R> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction(async (tx) => {
        await tx.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
        return work(tx);
      });
    } catch (error) {
      if (!['55P03', '40P01'].includes(sqlState(error) ?? '')) throw error;
      if (tries === TRIES)
        throw new DomainError('BUSY', 'The tables are in use without a pause. Try again in a moment.');
      await new Promise((resolve) => setTimeout(resolve, backoff(tries)));
    }
  }
}
