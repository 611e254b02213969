/** The rows in which rebuilds stand: one of a model may be open. */
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import type { Decision } from './deadletter.js';
import type { ReadModel } from './readmodel.js';
import { schemaOf } from './rebuild.feed.js';
import type { Difference } from './rebuild.shadow.js';

/** FILLING until the snapshot has come on all partitions, or all of the service's own is in it; READY to compare and swap; FAILED when it could not be applied. */
export type RebuildState = 'FILLING' | 'READY' | 'FAILED' | 'SWAPPED' | 'DROPPED';

export interface Rebuild {
  /** Also the id of the snapshot's run at the publisher. */
  readonly id: string;
  readonly model: string;
  readonly state: RebuildState;
  /** On how many of the topic's partitions the snapshot has ended. */
  readonly partitionsDone: number;
  readonly partitions: number;
  /** How many aggregates count in it so far; null once it is over. */
  readonly aggregates: number | null;
  /** Of how many, where the service builds it from its own; null elsewhere, and until they are counted. */
  readonly aggregatesInAll: number | null;
  readonly startedAt: Date;
  readonly requestedBy: string;
  readonly reason: string;
  readonly settledAt: Date | null;
  readonly settledBy: string | null;
  readonly settledReason: string | null;
  /** Why it failed. */
  readonly error: string | null;
}

/** All that were ever made, newest first. */
export async function rebuilds(db: DataSource | EntityManager): Promise<Rebuild[]> {
  const rows: Rebuild[] = await db.query(
    `select r.id, r.model, r.state, r.started_at as "startedAt", r.requested_by as "requestedBy", r.reason,
            r.in_all as "aggregatesInAll", r.settled_at as "settledAt", r.settled_by as "settledBy", r.settled_reason as "settledReason", r.error,
            coalesce(cardinality(s.partitions), 0) as "partitionsDone",
            (select count(*)::int from consumer_offset o where o.topic = r.topic) as partitions
       from rebuild r left join snapshot_seen s on (s.source, s.run) = (r.source, r.id::text)
      order by r.started_at desc, r.id`,
  );
  const counted: Rebuild[] = [];
  for (const row of rows) counted.push({ ...row, aggregates: await aggregatesOf(db, row) });
  return counted;
}

/**
 * Of those that are open, the share of partitions on which the snapshot has ended, or of the service's own aggregates that
 * were read: from a few rows, however large it grows.
 */
export const openProgress = (db: DataSource): Promise<{ model: string; progress: number }[]> =>
  db.query(
    `select r.model, case when r.state = 'READY' then 1
              when r.in_all is not null then least(1, r.taken::float8 / greatest(1, r.in_all))
              else coalesce(cardinality(s.partitions), 0)::float8
              / greatest(1, (select count(*) from consumer_offset o where o.topic = r.topic)) end as progress
       from rebuild r left join snapshot_seen s on (s.source, s.run) = (r.source, r.id::text)
      where r.settled_at is null`,
  );

async function aggregatesOf(db: DataSource | EntityManager, { model, settledAt }: Rebuild): Promise<number | null> {
  if (settledAt !== null) return null;
  const table = `${schemaOf({ name: model })}.applied_sequence`;
  const [{ there }] = await db.query('select to_regclass($1) is not null as there', [table]);
  if (!there) return null;
  const [{ n }] = await db.query(`select count(*)::int as n from ${table}`);
  return n;
}

/** What is written down of a rebuild when it is opened. */
export interface OpenedRebuild extends Decision {
  readonly id: string;
  /** Who publishes the model's topic: `/merit/personnel`. */
  readonly source: string;
}

export const addRebuild = (
  tx: EntityManager,
  { name, topic }: ReadModel,
  { id, source, by, reason }: OpenedRebuild,
): Promise<unknown> =>
  tx.query('insert into rebuild (id, model, source, topic, requested_by, reason) values ($1, $2, $3, $4, $5, $6)', [
    ...[id, name, source, topic, by, reason],
  ]);

/** Marks it as over, and lets chunks feed it no longer. */
export async function closeRebuild(
  tx: EntityManager,
  { name, topic }: ReadModel,
  id: string,
  state: 'SWAPPED' | 'DROPPED',
  { by, reason }: Decision,
): Promise<void> {
  await tx.query('update consumer_offset set rebuilding = array_remove(rebuilding, $2) where topic = $1', [
    topic,
    name,
  ]);
  await tx.query(
    'update rebuild set state = $2, settled_at = clock_timestamp(), settled_by = $3, settled_reason = $4 where id = $1',
    [id, state, by, reason],
  );
}

/** @throws REBUILD_OPEN, but for one that has failed: that is given up */
export async function refuseOpen(tx: EntityManager, model: ReadModel): Promise<void> {
  const [open] = await openRows(tx, model);
  if (!open) return;
  if (open.state !== 'FAILED') {
    const message = `A rebuild of ${model.name} is ${open.state}: swap it in or drop it first.`;
    throw new DomainError('REBUILD_OPEN', message, { id: open.id, state: open.state });
  }
  await closeRebuild(tx, model, open.id, 'DROPPED', {
    by: 'system',
    reason: 'it had failed, and a new one was asked for',
  });
}

interface Open {
  readonly id: string;
  readonly state: RebuildState;
  readonly requestedBy: string;
  readonly compared: Difference[] | null;
}

const openRows = (tx: EntityManager, { name }: ReadModel): Promise<Open[]> =>
  tx.query(
    `select id, state, requested_by as "requestedBy", compared
       from rebuild where model = $1 and state in ('FILLING', 'READY', 'FAILED')`,
    [name],
  );

/** The one of this id, open and in one of these states. @throws REBUILD_NOT_FOUND, REBUILD_ANOTHER, REBUILD_NOT_READY */
export async function openRebuild(tx: EntityManager, model: ReadModel, id: string, states: readonly RebuildState[]) {
  const [open] = await openRows(tx, model);
  if (!open) throw new DomainError('REBUILD_NOT_FOUND', `No rebuild of ${model.name} is open. Start one.`);
  if (open.id !== id) {
    const message = `Another rebuild of ${model.name} is open than the one that you looked at, by ${open.requestedBy}: compare that one first.`;
    throw new DomainError('REBUILD_ANOTHER', message, { id: open.id, requestedBy: open.requestedBy });
  }
  if (states.includes(open.state)) return open;
  const message =
    open.state === 'FAILED'
      ? `The rebuild of ${model.name} failed: drop it, or start another.`
      : `The rebuild of ${model.name} is not complete: what it is built from is still being taken in.`;
  throw new DomainError('REBUILD_NOT_READY', message, { state: open.state });
}
