/** Scores to be computed anew because of something that concerns many people: what is to do, and who is concerned. */
import { noteWork } from '@merit/chassis/backlog';
import type { DataSource, EntityManager } from 'typeorm';

export interface Work {
  /** Everyone of an agency; everyone who serves a public service or leads its unit. */
  readonly scope: 'AGENCY' | 'SERVICE';
  readonly scopeId: string;
  readonly year: number;
}
/** Work with the trace of what makes it necessary. */
export interface Marked extends Work {
  readonly traceparent: string | null;
}
export interface Claimed extends Marked {
  readonly after: string | null;
}

/**
 * Notes what is to do, in the transaction that makes it necessary. Of work that has begun, the people who are done
 * already were done without this: it is noted to be done again, from its beginning. Where the last chunk is being
 * finished at this moment, the insert waits for that, and makes a new row. Of several causes the last gives the trace.
 */
export async function mark(tx: EntityManager, work: readonly Marked[]): Promise<void> {
  if (work.length === 0) return;
  const once = [...new Map(work.map((each) => [`${each.scope} ${each.scopeId} ${each.year}`, each])).values()];
  await tx.query(
    `insert into score_backlog as b (scope, scope_id, year, traceparent)
     select * from unnest($1::text[], $2::uuid[], $3::int[], $4::text[]) order by 1, 2, 3
     on conflict (scope, scope_id, year) do update
       set again_at = case when b.after is not null then coalesce(b.again_at, clock_timestamp()) end,
           traceparent = excluded.traceparent`,
    [
      once.map(({ scope }) => scope),
      once.map(({ scopeId }) => scopeId),
      once.map(({ year }) => year),
      once.map(({ traceparent }) => traceparent),
    ],
  );
  noteWork(tx);
}

/** Takes the work that waits longest, and that no other process has in hand. */
export async function claim(tx: EntityManager): Promise<Claimed | null> {
  const [row]: Claimed[] = await tx.query(
    `select scope, scope_id as "scopeId", year, after, traceparent from score_backlog
      order by marked_at limit 1 for update skip locked`,
  );
  return row ?? null;
}

const NEXT: Readonly<Record<Work['scope'], string>> = {
  AGENCY: `select distinct employee_id from directory_employment
            where agency_id = $1 and ($2::uuid is null or employee_id > $2) order by employee_id limit $3`,
  SERVICE: `with unit as (
              select unit_id from service_fact where service_id = $1
              union
              select unit_id from public_service where id = $1
            )
            select employee_id from (
              select employee_id from service_assignment where service_id = $1
              union
              select a.employee_id from directory_assignment a join unit using (unit_id) where a.leading
            ) concerned
            where $2::uuid is null or employee_id > $2 order by employee_id limit $3`,
};

/** The next people whom a piece of work concerns. */
export async function nextPeople(tx: EntityManager, work: Claimed, most: number): Promise<string[]> {
  const rows: { employee_id: string }[] = await tx.query(NEXT[work.scope], [work.scopeId, work.after, most]);
  return rows.map((row) => row.employee_id);
}

/** People up to this one are done. */
export const moveOn = (tx: EntityManager, { scope, scopeId, year }: Work, after: string): Promise<unknown> =>
  tx.query('update score_backlog set after = $4 where (scope, scope_id, year) = ($1, $2, $3)', [
    scope,
    scopeId,
    year,
    after,
  ]);

/** Done; or, asked for again meanwhile, to be done once more. */
export async function finish(tx: EntityManager, { scope, scopeId, year }: Work): Promise<void> {
  const name = [scope, scopeId, year];
  await tx.query('delete from score_backlog where (scope, scope_id, year) = ($1, $2, $3) and again_at is null', name);
  await tx.query(
    `update score_backlog set after = null, marked_at = again_at, again_at = null
      where (scope, scope_id, year) = ($1, $2, $3)`,
    name,
  );
}

/** Since when something waits; null when nothing does. */
export async function waitingSince(db: DataSource | EntityManager): Promise<Date | null> {
  const [row]: { since: Date | null }[] = await db.query('select min(marked_at) as since from score_backlog');
  return row?.since ?? null;
}
