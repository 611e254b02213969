/**
 * Teams of twenty-five: the sample's largest units have a few people less, so some are moved there from district offices
 * of the same agency, by SQL, in every service's view of who works where.
 */
import pg from 'pg';
import { SERVICES, type Service } from '../start.plan.js';

const TEAM = 25;
/** A unit that lacks more than this is left as it is. */
const MOST_LACKING = 4;

interface Move {
  readonly assignment: string;
  readonly position: string;
  readonly unit: string;
  readonly title: string;
}

/** Who is moved where: as many as each unit lacks, the next ones of those who lead nothing. */
const MOVES = `
  with held as (
    select a.id, a.is_leading, p.unit_id, u.agency_id, u.kind from assignment a join position p on p.id = a.position_id
      join unit u on u.id = p.unit_id where a.annulled_at is null and a.valid_to is null
  ), lacking as (
    select agency_id, unit_id, generate_series(1, $1 - count(*)::int) from held
     group by agency_id, unit_id having count(*) between $1 - $2 and $1 - 1 and bool_or(is_leading)
  ), places as (
    select agency_id, unit_id, row_number() over (partition by agency_id order by unit_id) as n from lacking
  ), spare as (
    select id, agency_id, row_number() over (partition by agency_id order by id) as n from held
     where kind = 'KECAMATAN' and not is_leading
  )
  select spare.id as assignment, places.unit_id as unit, p.id as position, p.title
    from places join spare using (agency_id, n)
   cross join lateral (select id, title from position where unit_id = places.unit_id and not is_leading
                        order by id limit 1) p`;

const PERSONNEL = `update assignment a set position_id = m.position
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) m (id, position, unit, title) where a.id = m.id`;
const EVERYONE = `update directory_assignment a set position_id = m.position, unit_id = m.unit, position_title = m.title
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) m (id, position, unit, title) where a.id = m.id`;

/** Done again, it finds nothing to do. */
export async function makeTeams(databases: Readonly<Partial<Record<Service, string>>>): Promise<void> {
  const moves = await query<Move>(databases.personnel!, MOVES, [TEAM, MOST_LACKING]);
  const columns = (['assignment', 'position', 'unit', 'title'] as const).map((name) => moves.map((move) => move[name]));
  for (const service of SERVICES) await query(databases[service]!, EVERYONE, columns);
  await query(databases.personnel!, PERSONNEL, columns);
}

async function query<R extends pg.QueryResultRow>(url: string, sql: string, values: unknown[]): Promise<R[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<R>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
