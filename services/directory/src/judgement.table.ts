/** What the judgement needs to know, read once a request for all that is judged in it. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { isId } from '@merit/chassis/errors';

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
}

/** Employee id, or the subject of a token of someone who is none → standing. */
export async function standingToday({ db, now }: ServiceContext, holders: readonly string[]): Promise<Standing[]> {
  const grants: (Grant & { subject: string })[] = await db.query(
    `select subject, role, agency_id as "agencyId", unit_id as "unitId"
       from directory_grant g
       left join directory_agency a on a.id = g.agency_id
       cross join lateral (select ($2::timestamptz at time zone coalesce(a.time_zone, $3))::date as today) d
      where subject = any($1) and valid_from <= today and (valid_to is null or today <= valid_to)`,
    [holders, now(), DEFAULT_TIME_ZONE],
  );
  const people: { id: string; hasLeft: boolean; hasLed: boolean }[] = await db.query(
    `select p.id::text,
            exists (select from directory_employee e where e.id = p.id and e.left_on < today) as "hasLeft",
            exists (select from directory_supervisor_override o where o.supervisor_id = p.id)
              or exists (select from directory_assignment a
                          where a.employee_id = p.id and a."leading" and a.annulled_at is null) as "hasLed"
       from unnest($1::uuid[]) as p(id)
       cross join lateral (select ($2::timestamptz at time zone $3)::date as today) d`,
    [holders.filter(isId), now(), DEFAULT_TIME_ZONE],
  );
  const byId = new Map(people.map((person) => [person.id, person]));
  return holders.map((holder) => ({
    grants: grants.filter(({ subject }) => subject === holder),
    hasLeft: byId.get(holder)?.hasLeft ?? false,
    hasLed: byId.get(holder)?.hasLed ?? false,
  }));
}

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
  const rows: { id: string; agency_id: string }[] = await db.query(
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
  const rows: { id: string; agencyId: string | null; lineage: string[] }[] = await db.query(
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
