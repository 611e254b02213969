import { prepared } from '@merit/chassis/prepared';
import type { DataSource, EntityManager } from 'typeorm';
import type { Period } from './period.js';

type Reader = DataSource | EntityManager;

const COLUMNS = `p.id, p.agency_id as "agencyId", p.year, p.kind, p.starts_on as "startsOn", p.ends_on as "endsOn",
  p.time_zone as "timeZone", p.checkpoint, p.closed_on as "closedOn"`;

type Row = Omit<Period, 'span'> & { readonly startsOn: string; readonly endsOn: string };
const toPeriod = ({ startsOn, endsOn, ...row }: Row): Period => ({ ...row, span: { from: startsOn, to: endsOn } });

/** Whether it was new: an agency has one period of a kind in a year. */
export async function insertPeriod(tx: EntityManager, period: Period): Promise<boolean> {
  const rows: unknown[] = await tx.query(
    `insert into performance_period (id, agency_id, year, kind, starts_on, ends_on, time_zone, checkpoint, closed_on)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (agency_id, year, kind) do nothing returning id`,
    [
      period.id,
      period.agencyId,
      period.year,
      period.kind,
      period.span.from,
      period.span.to,
      period.timeZone,
      period.checkpoint,
      period.closedOn,
    ],
  );
  return rows.length > 0;
}

/** Locks a period, so that a month of it is reached once, and a policy is not published while it begins. */
export async function lockPeriod(tx: EntityManager, id: string): Promise<Period | null> {
  const [row]: Row[] = await tx.query(`select ${COLUMNS} from performance_period p where p.id = $1 for update`, [id]);
  return row ? toPeriod(row) : null;
}

export const saveProgress = (tx: EntityManager, { id, checkpoint, closedOn }: Period): Promise<unknown> =>
  tx.query('update performance_period set checkpoint = $2, closed_on = $3 where id = $1', [id, checkpoint, closedOn]);

/** Those that are not over. */
export const runningPeriods = async (db: Reader): Promise<Period[]> =>
  (await db.query(`select ${COLUMNS} from performance_period p where p.closed_on is null order by p.id`)).map(toPeriod);

/** Those whose ids come after one, in their order, at most so many. */
export const periodsAfter = async (db: Reader, after: string | null, limit: number): Promise<Period[]> =>
  (
    await db.query(
      `select ${COLUMNS} from performance_period p where $1::uuid is null or p.id > $1 order by p.id limit $2`,
      [after, limit],
    )
  ).map(toPeriod);

/** The periods of these agencies in these years. */
export const periodsOf = async (
  db: Reader,
  agencyIds: readonly string[],
  years: readonly number[],
): Promise<Period[]> =>
  (
    await db.query(
      `select ${COLUMNS} from performance_period p where p.agency_id = any($1) and p.year = any($2) order by p.id`,
      [agencyIds, years],
    )
  ).map(toPeriod);

export const periodsById = async (db: Reader, ids: readonly string[]): Promise<Period[]> =>
  (await prepared<Row>(db, `select ${COLUMNS} from performance_period p where p.id = any($1)`, [ids])).map(toPeriod);

/** An agency's periods, a page of them. `where` is that of the page, its parameters from $2 on. */
export const pageOfPeriods = async (
  db: Reader,
  agencyId: string,
  page: { where: string; orderBy: string; limit: number; parameters: readonly unknown[] },
): Promise<Period[]> =>
  (
    await db.query(
      `select ${COLUMNS} from performance_period p where p.agency_id = $1 and ${page.where}
        order by ${page.orderBy} limit ${page.limit}`,
      [agencyId, ...page.parameters],
    )
  ).map(toPeriod);
