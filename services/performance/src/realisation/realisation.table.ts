import { prepared } from '@merit/chassis/prepared';
import type { DataSource, EntityManager } from 'typeorm';
import type { Realisation } from './realisation.js';

type Reader = DataSource | EntityManager;

/** A realisation with who reported it, and whether another has taken its place. */
export interface StoredRealisation extends Realisation {
  readonly reportedBy: string | null;
  readonly replaced: boolean;
}

const COLUMNS = `r.id, r.plan_id as "planId", r.indicator_id as "indicatorId", r.employee_id as "employeeId",
  r.agency_id as "agencyId", r.year, trim_scale(r.quantity)::text as quantity, r.realised_on as "realisedOn",
  json_build_object('text', r.evidence_text, 'url', r.evidence_url) as evidence, r.replaces_id as "replacesId",
  r.reported_by as "reportedBy", r.reported_at as "reportedAt",
  exists (select from realisation n where n.year = r.year and n.replaces_id = r.id) as replaced`;

/** Writes realisations; answers the ids of those that were not kept out because theirs is replaced already. One statement. */
export async function insertRealisations(
  tx: EntityManager,
  realisations: readonly Realisation[],
  reportedBy: string | null,
): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `insert into realisation (year, id, plan_id, indicator_id, employee_id, agency_id, quantity, realised_on,
                              evidence_text, evidence_url, replaces_id, reported_at, reported_by)
     select r.*, $2::text from jsonb_to_recordset($1::jsonb) as r("year" int, "id" uuid, "planId" uuid,
       "indicatorId" uuid, "employeeId" uuid, "agencyId" uuid, "quantity" numeric, "realisedOn" date, "text" text,
       "url" text, "replacesId" uuid, "reportedAt" timestamptz)
     on conflict (year, replaces_id) do nothing returning id`,
    [JSON.stringify(realisations.map(({ evidence, ...rest }) => ({ ...rest, ...evidence }))), reportedBy],
  );
  return rows.map(({ id }) => id);
}

export const realisationsById = (db: Reader, ids: readonly string[]): Promise<StoredRealisation[]> =>
  prepared(db, `select ${COLUMNS} from realisation r where r.id = any($1)`, [ids]);

/** What indicators come to: the sum and the mean of what no correction has taken the place of. */
export const realisedOf = (
  db: Reader,
  indicatorIds: readonly string[],
): Promise<{ indicatorId: string; total: string; mean: string }[]> =>
  prepared(
    db,
    `select indicator_id as "indicatorId", sum(quantity) as total, round(avg(quantity), 4) as mean
       from realisation r
      where indicator_id = any($1)
        and not exists (select from realisation n where n.year = r.year and n.replaces_id = r.id)
      group by indicator_id`,
    [indicatorIds],
  );

/** The realisations of indicators, the latest day first, a page of each; `where` and its parameters from $2 on. */
export const pageOfRealisations = (
  db: Reader,
  indicatorIds: readonly string[],
  page: { where: string; orderBy: string; limit: number; parameters: readonly unknown[] },
): Promise<StoredRealisation[]> =>
  prepared(
    db,
    `select found.* from unnest($1::uuid[]) with ordinality as k (id, n)
      cross join lateral (
        select ${COLUMNS} from realisation r
         where r.indicator_id = k.id and ${page.where} order by ${page.orderBy} limit ${page.limit}
      ) found order by k.n`,
    [indicatorIds, ...page.parameters],
  );

/** Every realisation of these plans, those that were corrected included. */
export const realisationsOfPlans = (tx: EntityManager, planIds: readonly string[]): Promise<StoredRealisation[]> =>
  tx.query(`select ${COLUMNS} from realisation r where r.plan_id = any($1)`, [planIds]);
