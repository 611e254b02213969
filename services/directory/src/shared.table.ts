/** Whom agreements share with a partner agency's client. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { prepared } from '@merit/chassis/prepared';
import { DEFAULT_TIME_ZONE } from './judgement.table.js';

/**
 * The head of a statement with two tables: `standing` (id, agency_id, today), the client's agreements that have effect
 * today, and `shared` (employee_id, agency_id), the people whom they share: those whom they name, and whoever holds a
 * position today in a unit that they name or in one below. Of both, only who is employed today by the agency that signed:
 * after a transfer, or when they leave, they are shared no more. Judgement and lists read the same.
 * @param now the SQL of the moment (timestamptz), such as `$1`
 * @param clientId the SQL of the client's id
 */
export const sharedWith = ({ now, clientId }: { now: string; clientId: string }): string => `
  with recursive standing as (
    select g.id, g.agency_id, today
      from directory_agreement g
      left join directory_agency a on a.id = g.agency_id
     cross join lateral (
       select (${now}::timestamptz at time zone coalesce(a.time_zone, '${DEFAULT_TIME_ZONE}'))::date as today
     ) d
     where g.client_id = ${clientId} and g.valid_from <= today and (g.valid_to is null or today <= g.valid_to)
  ), unit_below (agency_id, today, unit_id) as (
    select s.agency_id, s.today, u.unit_id
      from standing s join directory_agreement_unit u on u.agreement_id = s.id
    union
    select b.agency_id, b.today, p.unit_id
      from unit_below b
      join directory_unit_parent p on p.parent_id = b.unit_id and p.valid_from <= b.today
     where not exists (
       select from directory_unit_parent later
        where later.unit_id = p.unit_id and later.valid_from > p.valid_from and later.valid_from <= b.today)
  ), named as (
    select e.employee_id, s.agency_id, s.today
      from standing s join directory_agreement_employee e on e.agreement_id = s.id
    union
    select held.employee_id, b.agency_id, b.today
      from unit_below b join directory_assignment held on held.unit_id = b.unit_id
     where held.annulled_at is null and held.valid_from <= b.today
       and (held.valid_to is null or b.today <= held.valid_to)
  ), shared as (
    select employee_id, agency_id
      from named
     where agency_id = (
       select m.agency_id from directory_employment m
        where m.employee_id = named.employee_id and m.valid_from <= named.today order by m.valid_from desc limit 1)
       and not exists (select from directory_employee e where e.id = named.employee_id and e.left_on < named.today)
  )`;

/** Employee → whether an agreement shares the person with the viewer, a machine client, today. */
export async function areShared({ db, now, viewer }: ServiceContext, ids: readonly string[]): Promise<boolean[]> {
  if (viewer.kind !== 'CLIENT') return ids.map(() => false);
  const rows: { id: string }[] = await prepared(
    db,
    `${sharedWith({ now: '$1', clientId: '$2' })}
     select distinct employee_id as id from shared where employee_id = any($3::uuid[])`,
    [now(), viewer.clientId, ids],
  );
  const shared = new Set(rows.map(({ id }) => id));
  return ids.map((id) => shared.has(id.toLowerCase()));
}

/** Agency → whether an agreement between it and the viewer, a machine client, has effect today. */
export async function areStanding({ db, now, viewer }: ServiceContext, ids: readonly string[]): Promise<boolean[]> {
  if (viewer.kind !== 'CLIENT') return ids.map(() => false);
  const rows: { id: string }[] = await prepared(
    db,
    `${sharedWith({ now: '$1', clientId: '$2' })} select distinct agency_id as id from standing where agency_id = any($3::uuid[])`,
    [now(), viewer.clientId, ids],
  );
  const standing = new Set(rows.map(({ id }) => id));
  return ids.map((id) => standing.has(id.toLowerCase()));
}
