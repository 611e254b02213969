/** The relay's statements on the outbox. */
import type { DataSource, EntityManager } from 'typeorm';
import { plainArray } from '../array.js';
import { prepared } from '../prepared.js';

export interface OutboxRow {
  readonly id: string;
  readonly event_id: string;
  readonly aggregate_type: string;
  readonly aggregate_id: string;
  readonly aggregate_seq: number;
  readonly key: string;
  readonly type: string;
  readonly payload: Buffer;
  readonly headers: Record<string, string>;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  /** The run of snapshots that it belongs to; null for an event. */
  readonly snapshot: string | null;
  /** The publisher's, as of now and not of when the row was written: nothing that follows a raised one goes out under a lower. */
  readonly timeline: number;
  /** An earlier event of the key is parked, so this one may not go before it; or it is parked itself. */
  readonly behind: boolean;
}

export interface Refused {
  readonly row: OutboxRow;
  readonly error: Error;
}

/** The leadership under which something is written down. */
export interface Fence {
  readonly name: string;
  readonly holder: string;
  readonly epoch: number;
}

export interface Backlog {
  readonly waiting: number;
  readonly oldestSeconds: number;
  readonly parked: number;
}

const MOST_ROWS = 2_000;
const MOST_BYTES = 4_000_000;

/**
 * The next rows to publish, in order, bounded in number and bytes so that memory stays flat; at least one if any waits.
 * @param but rows that are on their way. They are named one by one: behind the last of them may come a row with a lower
 *   id, whose transaction took longer. Looked up in a hash (`not in`), for the plan does not know how many they are; and
 *   each row of the outbox is found through its index (`offset 0`), for the plan may be from when it was empty
 */
export const readWaiting = (db: DataSource, but: readonly OutboxRow[] = []): Promise<OutboxRow[]> =>
  prepared(
    db,
    `select id, event_id, aggregate_type, aggregate_id, aggregate_seq, key, type, payload, headers, occurred_at, recorded_at, snapshot,
            coalesce((select max(timeline) from timeline), 1) as timeline,
            coalesce(first_parked <= id, false) as behind
       from (select o.*, sum(octet_length(payload)) over (order by o.id) - octet_length(payload) as bytes_before
               from (select id from outbox_line where id not in (select unnest($1::bigint[]))
                      order by id limit ${MOST_ROWS}) as line
              cross join lateral (select * from outbox where outbox.id = line.id offset 0) as o) as next
       left join (select key, min(id) as first_parked from outbox_parked group by key) as parked using (key)
      where bytes_before < ${MOST_BYTES}
      order by id`,
    [idsOf(but)],
  );

const idsOf = (rows: readonly OutboxRow[]): string => plainArray(rows.map((row) => row.id));

/**
 * Marks rows as published, which takes them out of line, and counts the events among them that were not published before.
 * One statement, so that no process can be stopped between its check and its write: the share lock waits for a process
 * that is just taking the lease over, and then finds another epoch. What the house says of itself is not counted.
 * @returns false when the lease is no longer ours, and nothing was marked
 */
export async function markPublished(db: DataSource, fence: Fence, rows: readonly OutboxRow[]): Promise<boolean> {
  if (rows.length === 0) return true;
  const [row] = await prepared<{ marked: boolean }>(
    db,
    `with leader as (select from lease where (name, holder, epoch) = ($1, $2::uuid, $3::bigint) for share),
     marked as (
       delete from outbox_line
        where ctid = any(array(select l.ctid from unnest($4::bigint[]) as r (id)
                                cross join lateral (select ctid from outbox_line where id = r.id offset 0) as l))
          and exists (select from leader)
       returning id, again
     ), counted as (
       insert into published_count as c (type, day, published)
       select type, (recorded_at at time zone 'UTC')::date as day, count(*)
         from marked cross join lateral (select type, recorded_at from outbox where outbox.id = marked.id offset 0) as o
        where not again and type not like 'merit.events.%' group by type, day order by type, day
       on conflict (type, day) do update set published = c.published + excluded.published
     )
     select exists (select from leader) as marked`,
    [fence.name, fence.holder, fence.epoch, idsOf(rows)],
  );
  return row!.marked;
}

/** Sets rows aside that were refused, and those of their keys that would overtake them. */
export async function park(db: DataSource, fence: Fence, refused: readonly Refused[]): Promise<void> {
  if (refused.length === 0) return;
  await db.transaction(async (tx) => {
    // Locked in a statement of its own, so that the next one sees what `unpark` did while this one waited for it.
    const held = await tx.query(
      'select from lease where (name, holder, epoch) = ($1, $2::uuid, $3::bigint) for share',
      [fence.name, fence.holder, fence.epoch],
    );
    if (held.length === 0) return;
    await tx.query(
      `with gone as (
         delete from outbox_line l using unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[]) as r (id, key, message, behind)
          where l.id = r.id and (not behind or exists (select from outbox_parked p where p.key = r.key and p.id <= l.id))
         returning l.*, r.key, r.message)
       insert into outbox_parked (id, key, snapshot, again, attempts, last_error)
       select id, key, snapshot, again, attempts + 1, message from gone on conflict (id) do nothing`,
      [
        refused.map(({ row }) => row.id),
        refused.map(({ row }) => row.key),
        refused.map(({ error }) => error.message.slice(0, 1_000)),
        refused.map(({ row }) => row.behind),
      ],
    );
  });
}

/**
 * Lets the parked rows of a key be published again, in their order, once the reason is gone.
 * @returns how many
 */
export const unpark = (db: DataSource | EntityManager, topic: string, key: string): Promise<number> =>
  db.transaction(async (tx: EntityManager) => {
    // The relay may be parking one more behind them: wait until it has, or let it wait.
    await tx.query('select from lease where name = $1 for update', [`relay:${topic}`]);
    const [{ released }] = await tx.query(
      `with freed as (delete from outbox_parked where key = $1 returning *),
       line as (insert into outbox_line (id, snapshot, again, attempts)
                select id, snapshot, again, attempts from freed order by id on conflict (id) do nothing)
       select count(*)::int as released from freed`,
      [key],
    );
    return released;
  });

/** Of the outbox `o`: what neither waits nor is parked. Asked row by row (`offset 0`), in the order of ids: a join may read all. */
const PUBLISHED = `not exists (select from outbox_line l where l.id = o.id offset 0)
               and not exists (select from outbox_parked p where p.id = o.id offset 0)`;

/**
 * Removes some of what was published and recorded longer ago than so many days; how many. The oldest, and few at a
 * time, so that no lock is held for long.
 */
export const removePublished = (db: DataSource, days: number): Promise<number> =>
  db.transaction(async (tx) => {
    const old: { id: string }[] = await tx.query(
      `select id from outbox
        where recorded_at < clock_timestamp() - make_interval(days => $1)
          and id = any(array(select id from outbox o where ${PUBLISHED} order by id limit 5000))
          for update skip locked`,
      [days],
    );
    if (old.length === 0) return 0;
    // Looked for once more, now that they are locked: a replay, which locks them too, may have put them in line meanwhile.
    const [, removed] = await tx.query(`delete from outbox o where id = any($1::bigint[]) and ${PUBLISHED}`, [
      plainArray(old.map(({ id }) => id)),
    ]);
    return removed;
  });

/** What waits, how long ago the first in line was recorded, and what is parked. */
export async function backlogOf(db: DataSource): Promise<Backlog> {
  const [row] = await db.query(
    `select (select count(*)::int from outbox_line) as waiting, (select count(*)::int from outbox_parked) as parked,
            coalesce(extract(epoch from clock_timestamp() - (
              select recorded_at from outbox where id = (select min(id) from outbox_line))), 0)::float as oldest`,
  );
  return { waiting: row.waiting, oldestSeconds: row.oldest, parked: row.parked };
}

/**
 * The moment up to which everything recorded can be seen in the outbox now. Not simply now: a row is recorded when it is
 * written, and seen when its transaction commits, so it is the start of the oldest transaction that has written to the
 * outbox and is open. `now()` is from before the others are looked at: one that begins meanwhile records later.
 */
export async function clockOf(db: DataSource): Promise<Date> {
  const [row] = await db.query(
    `select least(now(), min(a.xact_start)) as now
       from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'relation' and l.relation = 'outbox'::regclass and l.mode = 'RowExclusiveLock'
        and l.database = (select oid from pg_database where datname = current_database())`,
  );
  return row.now;
}
