/** What the judgement needs to know, read once a request for all that is judged in it. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { isId } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import { DIRECTORY_TOPIC } from './directory.events.js';

/** Where an agency is unknown, its days are those of western Indonesia. */
export const DEFAULT_TIME_ZONE = 'Asia/Jakarta';

export interface Grant {
  readonly role: 'HR' | 'OFFICER' | 'AUDITOR' | 'ADMIN';
  readonly agencyId: string | null;
  readonly unitId: string | null;
}

export interface Standing {
  /** What the person was granted and holds today, by the agency's date. */
  readonly grants: readonly Grant[];
  /** Known to have left the civil service. */
  readonly hasLeft: boolean;
  /** Leads or led a unit, or was ever set to supervise someone: who did neither was never anybody's supervisor. */
  readonly hasLed: boolean;
  /** An event of personnel about them waits as a dead letter: a role that was revoked may still be in `grants`. */
  readonly isUncertain: boolean;
}

/**
 * Employee id, or the subject of a token of someone who is none → standing. One statement, whose questions are asked one by
 * one through the indexes (`offset 0`): else all people and all who lead are read, to compare a few with.
 */
export const standingToday = ({ db, now }: ServiceContext, holders: readonly string[]): Promise<Standing[]> =>
  prepared(
    db,
    `select coalesce((
              select jsonb_agg(jsonb_build_object('role', role, 'agencyId', agency_id, 'unitId', unit_id))
                from directory_grant g
                left join directory_agency a on a.id = g.agency_id
               cross join lateral (select ($3::timestamptz at time zone coalesce(a.time_zone, $4))::date as today) d
               where subject = h.subject and valid_from <= today and (valid_to is null or today <= valid_to)
            ), '[]') as grants,
            exists (select from directory_employee e
                     where e.id = h.id and e.left_on < ($3::timestamptz at time zone $4)::date offset 0) as "hasLeft",
            exists (select from directory_supervisor_override o where o.supervisor_id = h.id offset 0)
              or exists (select from directory_assignment a
                          where a.employee_id = h.id and a."leading" and a.annulled_at is null offset 0) as "hasLed",
            exists (select from dead_letter l
                     where l.state = 'WAITING' and (l.topic, l.key) = ($5, h.subject)) as "isUncertain"
       from unnest($1::text[], $2::uuid[]) with ordinality as h (subject, id, n) order by h.n`,
    [holders, holders.map((holder) => (isId(holder) ? holder : null)), now(), DEFAULT_TIME_ZONE, DIRECTORY_TOPIC],
  );

export interface Place {
  /** The agency that employs the person, or has the unit; null when unknown. */
  readonly agencyId: string | null;
  /** The unit and those above it today; of a unit only. */
  readonly lineage: readonly string[];
}
export type PlaceKey = { readonly employee: string } | { readonly unit: string };

const NOWHERE: Place = { agencyId: null, lineage: [] };

/** Person or unit → agency and units above. */
export async function placesToday(context: ServiceContext, keys: readonly PlaceKey[]): Promise<Place[]> {
  const employees = keys.flatMap((key) => ('employee' in key ? key.employee : []));
  const units = keys.flatMap((key) => ('unit' in key ? key.unit : []));
  const agencies = employees.length > 0 ? await agenciesToday(context, employees) : new Map<string, Place>();
  const lineages = units.length > 0 ? await lineagesToday(context, units) : new Map<string, Place>();
  return keys.map((key) =>
    'employee' in key
      ? (agencies.get(key.employee.toLowerCase()) ?? NOWHERE)
      : (lineages.get(key.unit.toLowerCase()) ?? NOWHERE),
  );
}

/** The agency of the employment that began last; who is only about to begin belongs to the first already. */
async function agenciesToday({ db, now }: ServiceContext, employeeIds: readonly string[]): Promise<Map<string, Place>> {
  const rows: { id: string; agency_id: string }[] = await prepared(
    db,
    `select distinct on (employee_id) employee_id as id, agency_id
       from directory_employment e
       left join directory_agency a on a.id = e.agency_id
       cross join lateral (
         select valid_from <= ($2::timestamptz at time zone coalesce(a.time_zone, $3))::date as begun
       ) d
      where employee_id = any($1)
      order by employee_id, begun desc, case when begun then valid_from end desc, valid_from`,
    [employeeIds, now(), DEFAULT_TIME_ZONE],
  );
  return new Map(rows.map(({ id, agency_id }) => [id, { agencyId: agency_id, lineage: [] }]));
}

async function lineagesToday({ db, now }: ServiceContext, unitIds: readonly string[]): Promise<Map<string, Place>> {
  const rows: { id: string; agencyId: string | null; lineage: string[] }[] = await prepared(
    db,
    `with recursive above (id, unit_id, agency_id, today) as (
       select u.id, u.id, u.agency_id, ($2::timestamptz at time zone coalesce(a.time_zone, $3))::date
         from directory_unit u left join directory_agency a on a.id = u.agency_id
        where u.id = any($1)
       union
       select above.id, p.parent_id, above.agency_id, above.today
         from above
         cross join lateral (
           select parent_id from directory_unit_parent
            where unit_id = above.unit_id and valid_from <= above.today order by valid_from desc limit 1
         ) p
        where p.parent_id is not null
     )
     select id, agency_id as "agencyId", array_agg(unit_id::text) as lineage from above group by id, agency_id`,
    [unitIds, now(), DEFAULT_TIME_ZONE],
  );
  return new Map(rows.map(({ id, agencyId, lineage }) => [id, { agencyId, lineage }]));
}
