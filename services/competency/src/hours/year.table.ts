/** Years whose ledgers are to be opened for all of an agency: what is to do, and how far it came. */
import { noteWork } from '@merit/chassis/backlog';
import type { DataSource, EntityManager } from 'typeorm';

/** A month of a year has begun in an agency. */
export interface OpenYear {
  readonly agencyId: string;
  readonly year: number;
  /** Its first day. */
  readonly checkpoint: string;
  readonly traceparent: string | null;
}
export interface Claimed extends OpenYear {
  /** People up to this one are done. */
  readonly after: string | null;
}

/** Notes that hours have begun to fall due, and that ledgers are to be opened. What is noted already goes on as it is. */
export async function noteYears(tx: EntityManager, years: readonly OpenYear[]): Promise<void> {
  const columns = [years.map(({ agencyId }) => agencyId), years.map(({ year }) => year)];
  await tx.query(
    `insert into learning_year (agency_id, year) select distinct * from unnest($1::uuid[], $2::int[]) order by 1, 2
     on conflict do nothing`,
    columns,
  );
  await tx.query(
    `insert into year_backlog (agency_id, year, checkpoint, traceparent)
     select * from unnest($1::uuid[], $2::int[], $3::date[], $4::text[]) order by 1, 2, 3
     on conflict do nothing`,
    [...columns, years.map(({ checkpoint }) => checkpoint), years.map(({ traceparent }) => traceparent)],
  );
  noteWork(tx);
}

/** Takes the year that waits longest, and that no other process has in hand. */
export async function claimYear(tx: EntityManager): Promise<Claimed | null> {
  const [row]: Claimed[] = await tx.query(
    `select agency_id as "agencyId", year, checkpoint, after, traceparent from year_backlog
      order by marked_at limit 1 for update skip locked`,
  );
  return row ?? null;
}

/** People up to this one are done. */
export const moveOn = (tx: EntityManager, { agencyId, year, checkpoint }: OpenYear, after: string): Promise<unknown> =>
  tx.query('update year_backlog set after = $4 where (agency_id, year, checkpoint) = ($1, $2, $3)', [
    agencyId,
    year,
    checkpoint,
    after,
  ]);

/** Everyone is done. */
export const finish = (tx: EntityManager, { agencyId, year, checkpoint }: OpenYear): Promise<unknown> =>
  tx.query('delete from year_backlog where (agency_id, year, checkpoint) = ($1, $2, $3)', [agencyId, year, checkpoint]);

/** Since when something waits; null when nothing does. */
export async function waitingSince(db: DataSource | EntityManager): Promise<Date | null> {
  const [row]: { since: Date | null }[] = await db.query('select min(marked_at) as since from year_backlog');
  return row?.since ?? null;
}
