/** The statements of snapshots. */
import type { EntityManager } from 'typeorm';
import type { SNAPSHOT, SNAPSHOT_ENDED } from '../transport/envelope.js';

/** A run that is not at its end. */
export interface OpenRun {
  readonly id: string;
  /** The one aggregate that it is about; null for all. */
  readonly subject: string | null;
  readonly timeline: number;
  /** The last aggregate told; null before the first, and before the first of its type. */
  readonly aggregateType: string | null;
  readonly after: string | null;
  readonly aggregates: number;
  readonly tooLarge: number;
  /** Nothing is left to tell, and all of it was published. */
  readonly told: boolean;
}

/** An aggregate whose events wait until the transaction ends, and the number of its last one. */
export interface Locked {
  readonly id: string;
  readonly sequence: number;
}

/** A record of a run on its way out: the snapshot of an aggregate, or the end. */
export interface RunRow {
  readonly eventId: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly sequence: number;
  readonly key: string;
  readonly type: typeof SNAPSHOT | typeof SNAPSHOT_ENDED;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** So many of a run's records may wait for the relay before the next are added: what commands append waits behind them. */
const MOST_WAITING = 1_000;

/**
 * Takes the oldest run on which something can be done and that nobody is working on. The row's lock is the lease: it ends
 * with the transaction in which a chunk is told, or with the process, and whoever comes next goes on where that left it.
 *
 * A run that has told everything waits for the relay before it ends, also for what is parked: its end must come behind
 * its last snapshot on each partition. Other runs need not wait for that.
 */
export async function lockRun(tx: EntityManager): Promise<OpenRun | null> {
  const [run] = await tx.query(
    `select id, subject, coalesce(timeline, (select max(timeline) from timeline), 1) as timeline,
            aggregate_type as "aggregateType", aggregate_id as after, aggregates, too_large as "tooLarge",
            told_at is not null as told
       from snapshot_run r
      where ended_at is null
        and case when told_at is null
              then not exists (select from outbox_line where snapshot = r.id offset $1)
              else not exists (select from outbox_line where snapshot = r.id union all select from outbox_parked where snapshot = r.id) end
      order by requested_at, id limit 1 for update skip locked`,
    [MOST_WAITING - 1],
  );
  return run ?? null;
}

/**
 * Holds the next aggregates of a type: a command that changes one of them cannot commit until this transaction ends, for
 * it needs the same row for its event. So what is read of them from now on, in later statements, is their state after
 * exactly `sequence` events.
 */
export const lockAggregates = (
  tx: EntityManager,
  aggregateType: string,
  after: string | null,
  limit: number,
): Promise<Locked[]> =>
  tx.query(
    `select aggregate_id as id, last_seq as sequence from event_sequence
      where aggregate_type = $1 and ($2::uuid is null or aggregate_id > $2)
      order by aggregate_id limit $3 for no key update`,
    [aggregateType, after, limit],
  );

/** Puts records of a run in line, behind everything that was appended before. */
export async function appendRun(tx: EntityManager, runId: string, rows: readonly RunRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = <K extends keyof RunRow>(name: K) => rows.map((row) => row[name]);
  await tx.query(
    `with written as (
       insert into outbox (id, snapshot, event_id, aggregate_type, aggregate_id, aggregate_seq, key, type, payload, headers, occurred_at)
       select nextval('outbox_row'), $1, r.*, clock_timestamp()
         from (select * from unnest($2::uuid[], $3::text[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::bytea[], $9::jsonb[])
                 as r (event_id, aggregate_type, aggregate_id, aggregate_seq, key, type, payload, headers)
                order by aggregate_id) as r
       returning id, snapshot
     )
     insert into outbox_line (id, snapshot) select id, snapshot from written`,
    [
      runId,
      column('eventId'),
      column('aggregateType'),
      column('aggregateId'),
      column('sequence'),
      column('key'),
      column('type'),
      column('payload'),
      rows.map(({ headers }) => JSON.stringify(headers)),
    ],
  );
}

/** Notes how far a run is. */
export const saveRun = (
  tx: EntityManager,
  run: Omit<OpenRun, 'subject' | 'told'> & { readonly told: boolean; readonly ended: boolean },
): Promise<unknown> =>
  tx.query(
    `update snapshot_run
        set timeline = $2, aggregate_type = $3, aggregate_id = $4, aggregates = $5, too_large = $6,
            started_at = coalesce(started_at, clock_timestamp()),
            told_at = case when $7 then coalesce(told_at, clock_timestamp()) end,
            ended_at = case when $8 then clock_timestamp() end
      where id = $1`,
    [run.id, run.timeline, run.aggregateType, run.after, run.aggregates, run.tooLarge, run.told, run.ended],
  );
