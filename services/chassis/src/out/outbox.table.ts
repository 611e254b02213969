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
  /** An earlier event of the key is parked, so this one may not go before it. */
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
 *   id, whose transaction took longer
 */
export const readWaiting = (db: DataSource, but: readonly OutboxRow[] = []): Promise<OutboxRow[]> =>
  prepared(
    db,
    `select id, event_id, aggregate_type, aggregate_id, aggregate_seq, key, type, payload, headers, occurred_at, recorded_at, snapshot,
            coalesce((select max(timeline) from timeline), 1) as timeline,
            exists (select from outbox p where p.parked and p.key = o.key) as behind
       from (select *, sum(octet_length(payload)) over (order by id) - octet_length(payload) as bytes_before
               from (select * from outbox where published_at is null and not parked and id <> all($3::bigint[])
                      order by id limit $1) as next) as o
      where bytes_before < $2
      order by id`,
    [MOST_ROWS, MOST_BYTES, plainArray(but.map((row) => row.id))],
  );

/**
 * Marks rows as published, and counts the events among them that were not published before. One statement, so that no
 * process can be stopped between its check and its write: the share lock waits for a process that is just taking the
 * lease over, and then finds another epoch. What the house says of itself is not counted.
 * @returns false when the lease is no longer ours, and nothing was marked
 */
export async function markPublished(db: DataSource, fence: Fence, rows: readonly OutboxRow[]): Promise<boolean> {
  if (rows.length === 0) return true;
  const [row] = await prepared<{ marked: boolean }>(
    db,
    `with leader as (select from lease where (name, holder, epoch) = ($1, $2::uuid, $3::bigint) for share),
     marked as (
       update outbox set published_at = clock_timestamp(), last_error = null
        where id = any($4::bigint[]) and published_at is null and exists (select from leader)
       returning type, (recorded_at at time zone 'UTC')::date as day, replays = 0 and type not like 'merit.events.%' as counts
     ), counted as (
       insert into published_count as c (type, day, published)
       select type, day, count(*) from marked where counts group by type, day order by type, day
       on conflict (type, day) do update set published = c.published + excluded.published
     )
     select exists (select from leader) as marked`,
    [fence.name, fence.holder, fence.epoch, plainArray(rows.map((row) => row.id))],
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
      `update outbox o set parked = true, attempts = attempts + 1, last_error = refused.message
         from unnest($1::bigint[], $2::text[], $3::boolean[]) as refused (id, message, behind)
        where o.id = refused.id
          and (not behind or exists (select from outbox p where p.parked and p.key = o.key and p.id < o.id))`,
      [
        refused.map(({ row }) => row.id),
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
    const [, released] = await tx.query('update outbox set parked = false where parked and key = $1', [key]);
    return released;
  });

/** Removes some of what has been published longer ago than so many days; how many. Few at a time, so that no lock is held for long. */
export async function removePublished(db: DataSource, days: number): Promise<number> {
  const [, removed] = await db.query(
    `delete from outbox where id in (
       select id from outbox where published_at < clock_timestamp() - make_interval(days => $1) limit 5000)`,
    [days],
  );
  return removed;
}

export async function backlogOf(db: DataSource): Promise<Backlog> {
  const [row] = await db.query(
    `select count(*)::int as waiting, coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0)::float as oldest,
            (select count(*)::int from outbox where parked) as parked
       from outbox where published_at is null and not parked`,
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

/** How many events of a type were published, of those recorded on a UTC day. */
export interface PublishedCount {
  readonly type: string;
  /** `2026-11-22` */
  readonly day: string;
  readonly published: number;
}

/** Per type and day of recording, both days included. Each event counts once, however often it was published. */
export async function publishedCounts(
  db: DataSource | EntityManager,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<PublishedCount[]> {
  const rows: (Omit<PublishedCount, 'published'> & { published: string })[] = await db.query(
    'select type, day::text, published from published_count where day between $1 and $2 order by day, type',
    [from, to],
  );
  return rows.map((row) => ({ ...row, published: Number(row.published) }));
}

/** How many events of a topic were published since the beginning. */
export async function publishedInAll(db: DataSource | EntityManager, topic: string): Promise<number> {
  const [row] = await db.query(
    `select coalesce(sum(published), 0)::float8 as published from published_count where starts_with(type, $1)`,
    [`${topic}.`],
  );
  return row.published;
}
