import { prepared } from '@merit/chassis/prepared';
import type { DataSource, EntityManager } from 'typeorm';
import type { ScoringPolicy } from './policy.js';

type Reader = DataSource | EntityManager;

const COLUMNS = `p.id, p.agency_id as "agencyId", p.version, p.valid_from as "validFrom", p.rules, p.source, p.verified,
  p.published_at as "publishedAt"`;

/** Whether the version was new. */
export async function insertPolicy(tx: EntityManager, policy: ScoringPolicy): Promise<boolean> {
  const { id, agencyId, version, validFrom, rules, source, verified, publishedAt } = policy;
  const rows: unknown[] = await tx.query(
    `insert into scoring_policy (id, agency_id, version, valid_from, rules, source, verified, published_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (agency_id, version) do nothing returning id`,
    [id, agencyId, version, validFrom, JSON.stringify(rules), source, verified, publishedAt],
  );
  return rows.length > 0;
}

/** The national policies and those of these agencies. */
export const policiesOf = (db: Reader, agencyIds: readonly string[]): Promise<ScoringPolicy[]> =>
  db.query(`select ${COLUMNS} from scoring_policy p where p.agency_id is null or p.agency_id = any($1)`, [agencyIds]);

export const policiesById = (db: Reader, ids: readonly string[]): Promise<ScoringPolicy[]> =>
  prepared(db, `select ${COLUMNS} from scoring_policy p where p.id = any($1)`, [ids]);

/** The policies that an agency may have: its own and the national ones, a page of them. */
export const pageOfPolicies = (
  db: Reader,
  agencyId: string | null,
  page: { where: string; orderBy: string; limit: number; parameters: readonly unknown[] },
): Promise<ScoringPolicy[]> =>
  db.query(
    `select ${COLUMNS} from scoring_policy p where (p.agency_id is null or p.agency_id = $1) and ${page.where}
      order by ${page.orderBy} limit ${page.limit}`,
    [agencyId, ...page.parameters],
  );

/**
 * The first day of the latest period that has begun, of one agency or of all. Periods that have not begun are locked
 * first, so that none begins, and takes the policy in force, while another is published for it.
 */
export async function latestBegun(tx: EntityManager, agencyId: string | null): Promise<string | null> {
  await tx.query(
    `select id from performance_period where ($1::uuid is null or agency_id = $1) and checkpoint is null
      order by id for update`,
    [agencyId],
  );
  const [row]: { latest: string | null }[] = await tx.query(
    `select max(starts_on) as latest from performance_period
      where ($1::uuid is null or agency_id = $1) and checkpoint is not null`,
    [agencyId],
  );
  return row?.latest ?? null;
}
