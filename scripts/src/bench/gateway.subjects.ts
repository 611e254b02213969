/** Who asks, and for whom: taken at random from the databases, the same at each run on the same data. */
import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { askToken } from '../token.ask.js';
import type { World } from './events.world.js';

export interface Subject {
  readonly token: string;
  readonly id: string;
}

export interface Subjects {
  /** People who ask for themselves. */
  readonly people: readonly Subject[];
  /** Who leads a unit of at least 25, and the unit. */
  readonly teams: readonly Subject[];
  /** Units that offer services to the public. */
  readonly units: readonly string[];
  readonly agencies: readonly string[];
  /** People of the sample itself, with an indicator of their plan that counts: of copies no events can be told. */
  readonly indicators: readonly Subject[];
}

const PEOPLE = `select p.employee_id as who, p.employee_id as id from performance_plan p
  join score s on s.employee_id = p.employee_id and s.year = p.year and s.version > 0
 where p.year = 2026 and p.status = 'AGREED' order by md5(p.id::text) limit $1`;
const TEAMS = `with held as (
    select a.employee_id, a.kind, a.is_leading, p.unit_id from assignment a join position p on p.id = a.position_id
     where a.annulled_at is null and a.valid_to is null
  ), large as (select unit_id from held group by unit_id having count(*) >= 25)
  select held.employee_id as who, held.unit_id as id from held join large using (unit_id)
   where held.is_leading and held.kind = 'DEFINITIF' order by md5(held.unit_id::text) limit $1`;
const UNITS = 'select unit_id as id from public_service group by unit_id order by md5(unit_id::text) limit $1';
const AGENCIES = 'select id from agency order by md5(id::text) limit $1';
const INDICATORS = `select distinct on (p.employee_id) p.employee_id as who, i.id
  from performance_plan p join work_result w on w.plan_id = p.id join indicator i on i.work_result_id = w.id
 where p.year = 2026 and p.status = 'AGREED' and i.aspect = 'QUANTITY'
   and uuid_extract_timestamp(p.employee_id) > now() - interval '1 year' order by p.employee_id limit $1`;

/** @param most of each kind */
export async function findSubjects({ merit, places }: World, most: number): Promise<Subjects> {
  const { personnel, performance, feedback } = merit.databases;
  const [people, teams, units, agencies, indicators] = await Promise.all([
    rows(performance!, PEOPLE, most),
    rows(personnel!, TEAMS, most / 4),
    rows(feedback!, UNITS, most),
    rows(personnel!, AGENCIES, most / 4),
    rows(performance!, INDICATORS, most / 4),
  ]);
  const tokens = await tokensOf(
    [...people, ...teams, ...indicators].map(({ who }) => who!),
    places.people,
    merit.urls.identity,
  );
  const withToken = (found: readonly Row[]) => found.map(({ who, id }) => ({ id, token: tokens.get(who!)! }));
  return {
    people: withToken(people),
    teams: withToken(teams),
    units: units.map(({ id }) => id),
    agencies: agencies.map(({ id }) => id),
    indicators: withToken(indicators),
  };
}

interface Row {
  readonly id: string;
  /** The employee who asks. */
  readonly who?: string;
}

async function rows(url: string, sql: string, most: number): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    // A role's limits are for its service's short work.
    await client.query('set statement_timeout = 0');
    return (await client.query<Row>(sql, [Math.ceil(most)])).rows;
  } finally {
    await client.end();
  }
}

/** Lets the identity provider know them, and takes a token of each. */
async function tokensOf(who: readonly string[], file: string, issuer: string): Promise<Map<string, string>> {
  const known = JSON.parse(readFileSync(file, 'utf8')) as { handle: string }[];
  const others = known.filter(({ handle }) => !handle.startsWith('bench-'));
  const ids = [...new Set(who)];
  const added = ids.map((employeeId) => ({
    handle: `bench-${employeeId}`,
    employeeId,
    name: 'Bench',
    description: '',
  }));
  writeFileSync(file, JSON.stringify([...others, ...added]));
  const tokens = new Map<string, string>();
  for (const id of ids) tokens.set(id, await askToken(issuer, `bench-${id}`));
  return tokens;
}
