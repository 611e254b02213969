/** The directory's own writes and reads in a service's database. */

import type { ReceivedEvent } from '@merit/chassis/in/consumer';
import { prepared } from '@merit/chassis/prepared';
import type { DataSource, EntityManager } from 'typeorm';
import { type Fact, type FactKind, factsOf } from './directory.events.js';
import { supervisorsAt } from './supervisor.table.js';

/**
 * One statement a kind of fact, run in this order over `$1`, its rows as JSON: first what adds, then what changes.
 * What adds leaves alone what is there, so an event that comes again cannot undo a later one.
 */
const STATEMENTS: Readonly<Record<FactKind, string>> = {
  agency: `
    insert into directory_agency (id, name, time_zone)
    select * from jsonb_to_recordset($1::jsonb) as r(id uuid, name text, time_zone text) order by id
    on conflict do nothing`,
  unit: `
    insert into directory_unit (id, agency_id, name)
    select * from jsonb_to_recordset($1::jsonb) as r(id uuid, agency_id uuid, name text) order by id
    on conflict do nothing`,
  unitParent: `
    insert into directory_unit_parent (unit_id, parent_id, valid_from)
    select * from jsonb_to_recordset($1::jsonb) as r(unit_id uuid, parent_id uuid, valid_from date) order by unit_id
    on conflict do nothing`,
  employee: `
    insert into directory_employee (id, kind, service_from, contract_from, contract_to)
    select * from jsonb_to_recordset($1::jsonb)
      as r(id uuid, kind text, service_from date, contract_from date, contract_to date) order by id
    on conflict do nothing`,
  // Only who has none yet: a correction may have moved the day of the first, and the event may come again.
  employment: `
    insert into directory_employment (employee_id, agency_id, valid_from)
    select * from jsonb_to_recordset($1::jsonb) as r(employee_id uuid, agency_id uuid, valid_from date)
     where not exists (select from directory_employment m where m.employee_id = r.employee_id)
     order by employee_id
    on conflict do nothing`,
  assignment: `
    insert into directory_assignment
      (id, employee_id, position_id, unit_id, "leading", kind, position_title, valid_from, valid_to, recorded_at)
    select * from jsonb_to_recordset($1::jsonb)
      as r(id uuid, employee_id uuid, position_id uuid, unit_id uuid, "leading" boolean, kind text, position_title text,
           valid_from date, valid_to date, recorded_at timestamptz) order by id
    on conflict do nothing`,
  assignmentEnd: `
    insert into directory_assignment_end (assignment_id, valid_to, recorded_at)
    select * from jsonb_to_recordset($1::jsonb) as r(assignment_id uuid, valid_to date, recorded_at timestamptz)
     order by assignment_id, recorded_at
    on conflict (assignment_id, recorded_at) do update set valid_to = excluded.valid_to`,
  override: `
    insert into directory_supervisor_override (id, employee_id, supervisor_id, valid_from, valid_to, recorded_at)
    select * from jsonb_to_recordset($1::jsonb)
      as r(id uuid, employee_id uuid, supervisor_id uuid, valid_from date, valid_to date, recorded_at timestamptz)
     order by id, recorded_at
    on conflict (id, recorded_at) do update
      set supervisor_id = excluded.supervisor_id, valid_from = excluded.valid_from, valid_to = excluded.valid_to`,
  grant: `
    insert into directory_grant (id, subject, role, agency_id, unit_id, valid_from, valid_to)
    select * from jsonb_to_recordset($1::jsonb)
      as r(id uuid, subject text, role text, agency_id uuid, unit_id uuid, valid_from date, valid_to date) order by id
    on conflict do nothing`,
  agreement: `
    insert into directory_agreement (id, client_id, agency_id, valid_from, valid_to)
    select * from jsonb_to_recordset($1::jsonb)
      as r(id uuid, client_id text, agency_id uuid, valid_from date, valid_to date) order by id
    on conflict do nothing`,
  agreementEmployee: `
    insert into directory_agreement_employee (agreement_id, employee_id)
    select * from jsonb_to_recordset($1::jsonb) as r(agreement_id uuid, employee_id uuid) order by 1, 2
    on conflict do nothing`,
  agreementUnit: `
    insert into directory_agreement_unit (agreement_id, unit_id)
    select * from jsonb_to_recordset($1::jsonb) as r(agreement_id uuid, unit_id uuid) order by 1, 2
    on conflict do nothing`,
  unitMoved: `
    insert into directory_unit_parent (unit_id, parent_id, valid_from)
    select * from jsonb_to_recordset($1::jsonb) as r(unit_id uuid, parent_id uuid, valid_from date)
     order by unit_id, valid_from
    on conflict (unit_id, valid_from) do update set parent_id = excluded.parent_id`,
  unitRenamed: `
    update directory_unit u set name = r.name
      from jsonb_to_recordset($1::jsonb) as r(id uuid, name text) where u.id = r.id`,
  unitEnded: `
    update directory_unit u set closed_on = r.closed_on, merged_into = r.merged_into
      from jsonb_to_recordset($1::jsonb) as r(id uuid, closed_on date, merged_into uuid) where u.id = r.id`,
  // The first employment begins with the service. It is told by the day before the correction, which both parts still see.
  employeeCorrected: `
    with r as (
      select * from jsonb_to_recordset($1::jsonb)
        as r(id uuid, kind text, service_from date, contract_from date, contract_to date)
    ), first_employment as (
      update directory_employment m set valid_from = r.service_from
        from r join directory_employee e using (id)
       where m.employee_id = r.id and m.valid_from = e.service_from and m.valid_from <> r.service_from
    )
    update directory_employee e
       set kind = r.kind, service_from = r.service_from, contract_from = r.contract_from, contract_to = r.contract_to
      from r where e.id = r.id`,
  employeeLeft: `
    update directory_employee e set left_on = r.left_on
      from jsonb_to_recordset($1::jsonb) as r(id uuid, left_on date) where e.id = r.id`,
  transfer: `
    insert into directory_employment (employee_id, agency_id, valid_from)
    select * from jsonb_to_recordset($1::jsonb) as r(employee_id uuid, agency_id uuid, valid_from date)
     order by employee_id, valid_from
    on conflict (employee_id, valid_from) do update set agency_id = excluded.agency_id`,
  assignmentEnded: `
    update directory_assignment a set valid_to = r.valid_to, ended_recorded_at = r.ended_recorded_at
      from jsonb_to_recordset($1::jsonb) as r(id uuid, valid_to date, ended_recorded_at timestamptz) where a.id = r.id`,
  assignmentAnnulled: `
    update directory_assignment a set annulled_at = r.annulled_at
      from jsonb_to_recordset($1::jsonb) as r(id uuid, annulled_at timestamptz) where a.id = r.id`,
  grantEnded: `
    update directory_grant g set valid_to = r.valid_to
      from jsonb_to_recordset($1::jsonb) as r(id uuid, valid_to date) where g.id = r.id`,
  agreementEnded: `
    update directory_agreement g set valid_to = r.valid_to
      from jsonb_to_recordset($1::jsonb) as r(id uuid, valid_to date) where g.id = r.id`,
};

/**
 * Takes personnel's events in, in order, in the caller's transaction: at most one statement a kind of fact, however
 * many events there are. Events of other types are passed over.
 * @throws PAYLOAD_INVALID, EVENT_UNREADABLE
 */
export async function applyToDirectory(
  tx: EntityManager,
  events: readonly Pick<ReceivedEvent, 'type' | 'payload'>[],
): Promise<void> {
  const facts = events.flatMap(factsOf);
  for (const [kind, sql] of Object.entries(STATEMENTS)) {
    const rows = rowsOf(facts, kind);
    if (rows.length > 0) await tx.query(sql, [JSON.stringify(rows)]);
  }
}

/** Of facts that say something of the same thing, the last. */
function rowsOf(facts: readonly Fact[], kind: string): Fact['row'][] {
  const ofKind = facts.filter((fact) => fact.kind === kind);
  return [...new Map(ofKind.map(({ key, row }) => [key, row])).values()];
}

type Reader = DataSource | EntityManager;

/** A person on a day. Days are the agency's. */
export interface PersonAt {
  readonly employeeId: string;
  readonly agencyId: string;
  /** Where the person works, by the definitive position or else what there is; null when assigned nowhere. */
  readonly unitId: string | null;
  readonly positionId: string | null;
  readonly positionTitle: string | null;
  /** Whether that position leads its unit. */
  readonly leading: boolean;
  readonly kind: 'PNS' | 'CPNS' | 'PPPK' | 'PPPK_PARUH_WAKTU';
  readonly serviceFrom: string;
  /** The last day of service. */
  readonly leftOn: string | null;
  readonly contractFrom: string | null;
  readonly contractTo: string | null;
  /** Only when asked for. */
  readonly supervisorId?: string | null;
}

/**
 * Where these people are on a day, by what is known now. Who is not known here is not in the answer.
 * With `supervisors`, also by whom they are supervised: five statements more.
 */
export async function personAt(
  tx: Reader,
  employeeIds: readonly string[],
  date: string,
  { supervisors = false }: { supervisors?: boolean } = {},
): Promise<Map<string, PersonAt>> {
  // The order of precedence is that of `placeOf` in supervisor.ts. Before the first employment began, the first counts.
  const rows: PersonAt[] = await prepared(
    tx,
    `select e.id as "employeeId", m.agency_id as "agencyId", a.unit_id as "unitId", a.position_id as "positionId",
            a.position_title as "positionTitle", coalesce(a.leading, false) as leading, e.kind,
            e.service_from as "serviceFrom", e.left_on as "leftOn", e.contract_from as "contractFrom",
            e.contract_to as "contractTo"
       from directory_employee e
       join lateral (
         select agency_id from directory_employment where employee_id = e.id
          order by valid_from <= $2 desc, case when valid_from <= $2 then valid_from end desc, valid_from limit 1
       ) m on true
       left join lateral (
         select * from directory_assignment
          where employee_id = e.id and annulled_at is null and valid_from <= $2 and (valid_to is null or $2 <= valid_to)
            and (e.left_on is null or $2 <= e.left_on)
          order by array_position('{DEFINITIF,RANGKAP,PLT,PLH}'::text[], kind), valid_from desc, recorded_at desc, id desc limit 1
       ) a on true
      where e.id = any($1)`,
    [employeeIds, date],
  );
  const found = supervisors ? await supervisorsAt(tx, employeeIds, date) : undefined;
  return new Map(
    rows.map((row) => [row.employeeId, found ? { ...row, supervisorId: found.get(row.employeeId) ?? null } : row]),
  );
}

export interface AgencyFacts {
  readonly id: string;
  readonly name: string;
  /** IANA zone of its days, such as Asia/Jakarta. */
  readonly timeZone: string;
}

/** Agencies by id; who is not known here is not in the answer. */
export async function agenciesOf(tx: Reader, ids: readonly string[]): Promise<Map<string, AgencyFacts>> {
  const rows: AgencyFacts[] = await prepared(
    tx,
    'select id, name, time_zone as "timeZone" from directory_agency where id = any($1)',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
