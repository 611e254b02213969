import { groupBy } from '@merit/chassis/group-by';
import { Decimal } from 'decimal.js';
import type { EntityManager } from 'typeorm';
import type { Said } from './ledger.events.js';
import type { KnownLedger, Ledger, Person, PublishedRecord } from './ledger.js';
import type { Reach, Span } from './span.js';

/**
 * Holds the hours of these people until the transaction ends. Two transactions that each finished a training of one
 * person would otherwise both count without the other's. An upsert, because the first training of a person has no row to
 * lock; in order of id, so that two that touch the same people cannot block each other.
 */
export const lockLearners = (tx: EntityManager, employeeIds: readonly string[]): Promise<unknown> =>
  tx.query(
    `insert into learner (employee_id) select distinct unnest($1::uuid[]) as id order by id
     on conflict (employee_id) do update set employee_id = excluded.employee_id`,
    [employeeIds],
  );

/** Those of these people who are known here. */
export const personsOf = (tx: EntityManager, employeeIds: readonly string[]): Promise<Person[]> =>
  tx.query(
    `select e.id as "employeeId", e.kind, e.contract_from as "contractFrom", e.service_from as "serviceFrom",
            e.left_on as "leftOn", m.agency_id as "agencyId"
       from directory_employee e
       left join lateral (
         select agency_id from directory_employment where employee_id = e.id order by valid_from desc limit 1
       ) m on true
      where e.id = any($1)`,
    [employeeIds],
  );

/** Years in which hours have begun to fall due in an agency that employs or employed the person. */
export async function dueYearsOf(tx: EntityManager, employeeIds: readonly string[]): Promise<Map<string, number[]>> {
  const rows: { id: string; years: number[] }[] = await tx.query(
    `select m.employee_id as id, array_agg(distinct y.year) as years
       from directory_employment m join learning_year y using (agency_id)
      where m.employee_id = any($1) group by m.employee_id`,
    [employeeIds],
  );
  return new Map(rows.map(({ id, years }) => [id, years]));
}

type RecordRow = Omit<PublishedRecord, 'meets'> & {
  employeeId: string;
  meetsFrom: number | null;
  meetsTo: number | null;
};

/** A person, and the years of theirs that are read. */
type Read<K extends keyof Reach> = { readonly employeeId: string } & { readonly [key in K]: Span };

/** Employee → their finished trainings that have a day in the years of `records`. */
export async function recordsOf(
  tx: EntityManager,
  people: readonly Read<'records'>[],
): Promise<Map<string, PublishedRecord[]>> {
  const rows: RecordRow[] = await tx.query(
    `select e.id, e.employee_id as "employeeId", c.form, e.hours, e.starts_on as "startsOn", e.ends_on as "endsOn",
            s.meets_from as "meetsFrom", s.meets_to as "meetsTo", e.verified, e.event_id as "eventId",
            case when h.event_id is null then 'TrainingCompleted' else 'TrainingCorrected' end as "eventType",
            e.completed_at as "completedAt"
       from unnest($1::uuid[], $2::int[], $3::int[]) as p (id, first, last)
       join enrolment e on e.employee_id = p.id and e.status = 'COMPLETED'
        and e.ends_on >= make_date(p.first, 1, 1) and e.starts_on <= make_date(p.last, 12, 31)
       join course c on c.id = e.course_id left join session s on s.id = e.session_id
       left join enrolment_change h on h.event_id = e.event_id`,
    [ids(people), people.map(({ records }) => records.from), people.map(({ records }) => records.to)],
  );
  const records = rows.map(({ meetsFrom: from, meetsTo: to, ...row }) => ({
    ...row,
    meets: from === null || to === null ? null : { from, to },
  }));
  return groupBy(records, ({ employeeId }) => employeeId);
}

const ids = (people: readonly { readonly employeeId: string }[]) => people.map(({ employeeId }) => employeeId);

/** Employee → their ledgers of the years of `ledgers` as last published. */
export async function ledgersOf(
  tx: EntityManager,
  people: readonly Read<'ledgers'>[],
): Promise<Map<string, KnownLedger[]>> {
  const rows: (Omit<KnownLedger, 'entitlement' | 'contents' | 'version'> & {
    entitlement: string;
    version: string;
    records: string[] | null;
    contents: string[] | null;
  })[] = await tx.query(
    // The text of a record's content is that of `contentOf` in ledger.ts.
    `select l.id, l.employee_id as "employeeId", l.year, l.version, l.entitlement, r.records, r.contents
       from unnest($1::uuid[], $2::int[], $3::int[]) as p (id, first, last)
       join ledger l on l.employee_id = p.id and l.year between p.first and p.last
       left join lateral (
         select array_agg(enrolment_id::text) as records,
                array_agg(event_id::text || ' ' || trim_scale(hours) || ' ' || trim_scale(counted) || ' ' || coalesce(reason, '')) as contents
           from ledger_record where ledger_id = l.id
       ) r on true`,
    [ids(people), people.map(({ ledgers }) => ledgers.from), people.map(({ ledgers }) => ledgers.to)],
  );
  const ledgers = rows.map(({ records, contents, ...row }) => ({
    ...row,
    version: Number(row.version),
    entitlement: new Decimal(row.entitlement),
    contents: new Map(records?.map((id, i) => [id, contents![i]!])),
  }));
  return groupBy(ledgers, ({ employeeId }) => employeeId);
}

/** Three statements, however many ledgers: their totals, the records that are new or other, those that are gone. */
export async function saveLedgers(tx: EntityManager, ledgers: readonly (Ledger & Said)[]): Promise<void> {
  await tx.query(
    `insert into ledger (id, employee_id, year, recorded, counted, entitlement, version, event_id, counted_at)
     select * from jsonb_to_recordset($1::jsonb)
       as r (id uuid, employee_id uuid, year int, recorded numeric, counted numeric, entitlement numeric, version bigint,
             "eventId" uuid, "countedAt" timestamptz)
     on conflict (id) do update
       set recorded = excluded.recorded, counted = excluded.counted, entitlement = excluded.entitlement,
           version = excluded.version, event_id = excluded.event_id, counted_at = excluded.counted_at`,
    [JSON.stringify(ledgers.map(({ person, records, gone, ...row }) => ({ ...row, employee_id: person.employeeId })))],
  );
  const gone = ledgers.flatMap((ledger) => ledger.gone.map((enrolment_id) => ({ ledger_id: ledger.id, enrolment_id })));
  if (gone.length > 0) {
    await tx.query(
      `delete from ledger_record using jsonb_to_recordset($1::jsonb) as r (ledger_id uuid, enrolment_id uuid)
        where ledger_record.ledger_id = r.ledger_id and ledger_record.enrolment_id = r.enrolment_id`,
      [JSON.stringify(gone)],
    );
  }
  const changed = ledgers.flatMap(changedRows);
  if (changed.length === 0) return;
  await tx.query(
    `insert into ledger_record (ledger_id, enrolment_id, event_id, starts_on, hours, counted, reason)
     select * from jsonb_to_recordset($1::jsonb)
       as r (ledger_id uuid, enrolment_id uuid, event_id uuid, starts_on date, hours numeric, counted numeric, reason text)
     on conflict (ledger_id, enrolment_id) do update
       set event_id = excluded.event_id, starts_on = excluded.starts_on, hours = excluded.hours,
           counted = excluded.counted, reason = excluded.reason`,
    [JSON.stringify(changed)],
  );
}

const changedRows = ({ id, records }: Ledger) =>
  records
    .filter(({ changed }) => changed)
    .map(({ record, hours, counted, reason }) => ({
      ledger_id: id,
      enrolment_id: record.id,
      event_id: record.eventId,
      starts_on: record.startsOn,
      hours,
      counted,
      reason,
    }));

/** People whom an agency employs on a day, who serve in a year and have no ledger of it: by id, those after one. */
export async function withoutLedger(
  tx: EntityManager,
  { agencyId, on, year }: { readonly agencyId: string; readonly on: string; readonly year: number },
  { after, most }: { readonly after: string | null; readonly most: number },
): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `select p.id
       from (select distinct employee_id from directory_employment where agency_id = $1) m
       join directory_employee p on p.id = m.employee_id
      where ($4::uuid is null or p.id > $4)
        and extract(year from p.service_from) <= $3 and (p.left_on is null or $3 <= extract(year from p.left_on))
        and $1 = (select e.agency_id from directory_employment e where e.employee_id = p.id
                   order by e.valid_from <= $2 desc, case when e.valid_from <= $2 then e.valid_from end desc, e.valid_from limit 1)
        and not exists (select from ledger l where l.employee_id = p.id and l.year = $3)
      order by p.id limit $5`,
    [agencyId, on, year, after, most],
  );
  return rows.map(({ id }) => id);
}

/** What a ledger says in all. */
export interface Stored {
  readonly id: string;
  readonly employeeId: string;
  readonly year: number;
  readonly version: string;
  readonly counted: string;
  readonly entitlement: string;
}

/** All ledgers of these people. */
export const storedLedgers = (tx: EntityManager, employeeIds: readonly string[]): Promise<Stored[]> =>
  tx.query(
    `select id, employee_id as "employeeId", year, version, counted, entitlement from ledger
      where employee_id = any($1) order by employee_id, year`,
    [employeeIds],
  );
