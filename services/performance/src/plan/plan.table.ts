import { prepared } from '@merit/chassis/prepared';
import type { DataSource, EntityManager } from 'typeorm';
import type { Indicator, Plan } from './plan.js';

type Reader = DataSource | EntityManager;

const INDICATOR = `json_build_object('id', i.id, 'name', i.name, 'aspect', i.aspect, 'target', trim_scale(i.target)::text,
  'unit', i.unit, 'evidenceSource', i.evidence_source, 'dueDates', to_json(i.due_dates))`;

/** A plan whole, its parts in their order. */
const PLAN = `p.id, p.employee_id as "employeeId", p.period_id as "periodId", p.agency_id as "agencyId", p.year,
  json_build_object('from', p.starts_on, 'to', p.ends_on) as span, p.status, p.version,
  p.agreed_by as "agreedBy", p.agreed_at as "agreedAt",
  coalesce((
    select json_agg(json_build_object('id', r.id, 'title', r.title, 'kind', r.kind, 'indicators', coalesce((
             select json_agg(${INDICATOR} order by i.place) from indicator i where i.work_result_id = r.id), '[]'))
             order by r.place)
      from work_result r where r.plan_id = p.id), '[]') as "workResults"`;

type Row = Plan & { readonly agreedBy: string | null; readonly agreedAt: Date | null };
/** The table's check constraints make each row one of the union; a draft has nothing of an agreement. */
const toPlan = ({ agreedBy, agreedAt, ...row }: Row): Plan =>
  agreedAt === null ? ({ ...row } as Plan) : ({ ...row, agreedBy, agreedAt } as Plan);

const read = async (db: Reader, rest: string, parameters: unknown[]): Promise<Plan[]> =>
  (await prepared<Row>(db, `select ${PLAN} from performance_plan p ${rest}`, parameters)).map(toPlan);

export const plansById = (db: Reader, ids: readonly string[]): Promise<Plan[]> =>
  read(db, 'where p.id = any($1)', [ids]);

/** Locks a plan for a change of it. */
export const lockPlan = async (tx: EntityManager, id: string): Promise<Plan | null> =>
  (await read(tx, 'where p.id = $1 for update of p', [id]))[0] ?? null;

export const lockPlanOf = async (tx: EntityManager, employeeId: string, periodId: string): Promise<Plan | null> =>
  (await read(tx, 'where p.employee_id = $1 and p.period_id = $2 for update of p', [employeeId, periodId]))[0] ?? null;

/** Keeps a plan from being changed while something is reported on it; others may report at the same time. */
export const holdPlan = async (tx: EntityManager, id: string): Promise<Plan | null> =>
  (await read(tx, 'where p.id = $1 for share of p', [id]))[0] ?? null;

/** Locks the plans of many, in one order: the same import twice at once enters nothing twice. */
export const lockPlansInPeriod = (
  tx: EntityManager,
  periodId: string,
  employeeIds: readonly string[],
): Promise<Plan[]> =>
  read(tx, 'where p.period_id = $1 and p.employee_id = any($2) order by p.employee_id for update of p', [
    periodId,
    employeeIds,
  ]);

/** A person's plans of years; after a transfer, a year may have two: the later first. */
export const plansOfYears = (
  db: Reader,
  keys: readonly { readonly employeeId: string; readonly year: number }[],
): Promise<Plan[]> =>
  read(
    db,
    `where (p.employee_id, p.year) in (select * from unnest($1::uuid[], $2::int[]))
      order by p.starts_on desc, p.id desc`,
    [keys.map(({ employeeId }) => employeeId), keys.map(({ year }) => year)],
  );

/** The plan that each indicator belongs to. */
export const planIdsOfIndicators = (
  db: Reader,
  indicatorIds: readonly string[],
): Promise<{ indicatorId: string; planId: string; employeeId: string; year: number }[]> =>
  prepared(
    db,
    `select i.id as "indicatorId", p.id as "planId", p.employee_id as "employeeId", p.year
       from indicator i join work_result r on r.id = i.work_result_id join performance_plan p on p.id = r.plan_id
      where i.id = any($1)`,
    [indicatorIds],
  );

/** Writes new plans whole: three statements, however many. Answers the ids of those that were not there. */
export async function insertPlans(tx: EntityManager, plans: readonly Plan[]): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `insert into performance_plan
       (id, employee_id, period_id, agency_id, year, starts_on, ends_on, status, version, agreed_by, agreed_at)
     select * from jsonb_to_recordset($1::jsonb) as r("id" uuid, "employeeId" uuid, "periodId" uuid, "agencyId" uuid,
       "year" int, "startsOn" date, "endsOn" date, "status" text, "version" int, "agreedBy" uuid, "agreedAt" timestamptz)
      order by 2
     on conflict (employee_id, period_id) do nothing returning id`,
    [
      JSON.stringify(
        plans.map(({ span, workResults: _, ...plan }) => ({ ...plan, startsOn: span.from, endsOn: span.to })),
      ),
    ],
  );
  const made = new Set(rows.map(({ id }) => id));
  await insertParts(
    tx,
    plans.filter(({ id }) => made.has(id)),
  );
  return [...made];
}

async function insertParts(tx: EntityManager, plans: readonly Plan[]): Promise<void> {
  const results = plans.flatMap(({ id: planId, workResults }) =>
    workResults.map(({ id, title, kind, indicators }, place) => ({ id, planId, place, title, kind, indicators })),
  );
  const indicators = results.flatMap(({ id: workResultId, indicators }) =>
    indicators.map((indicator, place) => ({ ...indicator, workResultId, place })),
  );
  await tx.query(
    `insert into work_result (id, plan_id, place, title, kind)
     select * from jsonb_to_recordset($1::jsonb) as r("id" uuid, "planId" uuid, "place" int, "title" text, "kind" text)`,
    [JSON.stringify(results)],
  );
  await tx.query(
    `insert into indicator (id, work_result_id, place, name, aspect, target, unit, evidence_source, due_dates)
     select * from jsonb_to_recordset($1::jsonb) as r("id" uuid, "workResultId" uuid, "place" int, "name" text,
       "aspect" text, "target" numeric, "unit" text, "evidenceSource" text, "dueDates" date[])`,
    [JSON.stringify(indicators)],
  );
}

/** A draft written anew. */
export async function replaceDraft(tx: EntityManager, plan: Plan): Promise<void> {
  await tx.query('delete from work_result where plan_id = $1', [plan.id]);
  await tx.query('update performance_plan set starts_on = $2, ends_on = $3, version = $4 where id = $1', [
    plan.id,
    plan.span.from,
    plan.span.to,
    plan.version,
  ]);
  await insertParts(tx, [plan]);
}

export const saveStatus = (tx: EntityManager, plan: Plan): Promise<unknown> =>
  tx.query('update performance_plan set status = $2, version = $3, agreed_by = $4, agreed_at = $5 where id = $1', [
    plan.id,
    plan.status,
    plan.version,
    plan.status === 'AGREED' ? plan.agreedBy : null,
    plan.status === 'AGREED' ? plan.agreedAt : null,
  ]);

export interface Revision {
  readonly id: string;
  readonly planVersion: number;
  readonly before: Indicator;
  readonly after: Indicator;
  readonly reason: string;
  readonly revisedBy: string | null;
  readonly revisedAt: Date;
}

/** The indicator as it is now, and what it was before. */
export async function saveRevision(tx: EntityManager, revision: Revision): Promise<void> {
  const { after, before } = revision;
  await tx.query(
    `update indicator set name = $2, target = $3, unit = $4, evidence_source = $5, due_dates = $6 where id = $1`,
    [after.id, after.name, after.target, after.unit, after.evidenceSource, after.dueDates],
  );
  await tx.query(
    `insert into indicator_revision (id, indicator_id, plan_version, before, after, reason, revised_by, revised_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      revision.id,
      after.id,
      revision.planVersion,
      JSON.stringify(before),
      JSON.stringify(after),
      revision.reason,
      revision.revisedBy,
      revision.revisedAt,
    ],
  );
}

/** A revision, with whose plan of which year it is of: by these it is judged who may read why. */
export interface RevisionOf extends Revision {
  readonly indicatorId: string;
  readonly employeeId: string;
  readonly year: number;
}

/** What indicators were before, the latest change first. */
export const revisionsOf = (db: Reader, indicatorIds: readonly string[]): Promise<RevisionOf[]> =>
  prepared(
    db,
    `select r.id, r.indicator_id as "indicatorId", r.plan_version as "planVersion", r.before, r.after, r.reason,
            r.revised_by as "revisedBy", r.revised_at as "revisedAt", p.employee_id as "employeeId", p.year
       from indicator_revision r
       join indicator i on i.id = r.indicator_id
       join work_result w on w.id = i.work_result_id
       join performance_plan p on p.id = w.plan_id
      where r.indicator_id = any($1) order by r.plan_version desc`,
    [indicatorIds],
  );

/** With which agencies a person has been, the earliest first; the first from the beginning of service. */
export const employmentsOf = (
  db: Reader,
  employeeId: string,
): Promise<{ readonly agencyId: string; readonly from: string }[]> =>
  prepared(
    db,
    `select agency_id as "agencyId", valid_from as "from" from directory_employment
      where employee_id = $1 order by valid_from`,
    [employeeId],
  );
