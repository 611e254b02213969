/** The parts of the answers written by hand: hours, plans, scores, satisfaction. */
import type pg from 'pg';
import { ELEMENTS } from '../import/kinds.js';
import type { Ask } from './contender.sql.read.js';

export const YEAR = 2026;

/** Employee → hours, entitlement and what is missing to it. */
export async function learningRows(ask: Ask, pool: pg.Pool, ids: readonly string[]): Promise<Map<string, object>> {
  const rows = await ask<{ id: string; hours: number; entitlement: number; shortfall: number }>(
    pool,
    'learning',
    `select p.id, coalesce(l.counted, 0)::float8 as hours, due.hours::float8 as entitlement,
            greatest(0, due.hours - coalesce(l.counted, 0))::float8 as shortfall
       from directory_employee p
       left join ledger l on l.employee_id = p.id and l.year = $2
      cross join lateral (
        select round(r.hours * greatest(0, least(12, coalesce((extract(year from p.left_on) - $2) * 12
                 + extract(month from p.left_on), 12)) - greatest(1, (extract(year from p.service_from) - $2) * 12
                 + extract(month from p.service_from)) + 1) / 12, 2) as hours
          from learning_entitlement r
         where r.kind = p.kind and r.valid_from <= make_date($2, 1, 1) order by r.valid_from desc limit 1) due
      where p.id = any($1)`,
    [ids, YEAR],
  );
  return new Map(rows.map(({ id, ...learning }) => [id, learning]));
}

interface IndicatorRow {
  readonly [column: string]: unknown;
  readonly employeeId: string;
  readonly resultId: string;
  readonly resultTitle: string;
  readonly resultKind: string;
  readonly name: string | null;
}
export interface PlanAnswer {
  readonly workResults: { title: string; kind: string; indicators: Record<string, unknown>[] }[];
}

/** Employee → plan, with what was realised of each indicator. */
export async function planRows(ask: Ask, pool: pg.Pool, ids: readonly string[]): Promise<Map<string, PlanAnswer>> {
  const rows = await ask<IndicatorRow>(
    pool,
    'plans',
    `select p.employee_id as "employeeId", w.id as "resultId", w.title as "resultTitle", w.kind as "resultKind",
            i.name, i.aspect, i.target::float8 as target, i.unit, done.realised::float8 as realised
       from performance_plan p join work_result w on w.plan_id = p.id
       left join indicator i on i.work_result_id = w.id
       left join lateral (
         select case when i.aspect = 'QUANTITY' then sum(r.quantity) else round(avg(r.quantity), 4) end as realised
           from realisation r
          where r.indicator_id = i.id
            and not exists (select from realisation n where n.year = r.year and n.replaces_id = r.id)) done on true
      where p.employee_id = any($1) and p.year = $2 order by p.employee_id, w.place, i.place`,
    [ids, YEAR],
  );
  const plans = new Map<string, PlanAnswer>();
  let resultId = '';
  for (const { employeeId, resultId: id, resultTitle, resultKind, ...indicator } of rows) {
    const plan = plans.get(employeeId) ?? { workResults: [] };
    plans.set(employeeId, plan);
    if (id !== resultId) plan.workResults.push({ title: resultTitle, kind: resultKind, indicators: [] });
    resultId = id;
    if (indicator.name !== null) plan.workResults.at(-1)!.indicators.push(indicator);
  }
  return plans;
}

interface StoredPart {
  readonly component: string;
  readonly weight: string;
  readonly attainment: string | null;
  readonly contribution: string;
  readonly note: string | null;
  readonly sources: readonly StoredSource[];
}
interface StoredSource {
  readonly eventId: string;
  readonly type: string;
  readonly quantity: string;
  readonly counted: string;
  readonly reason: string | null;
  readonly occurredAt: string | null;
}

/** Employee → score; with everything that it comes from, for the person's own page. */
export async function scoreRows(
  ask: Ask,
  pool: pg.Pool,
  ids: readonly string[],
  whole: boolean,
): Promise<Map<string, object>> {
  const rows = await ask<{
    id: string;
    value: string;
    band: string;
    coverage: string;
    version: string;
    parts: StoredPart[];
  }>(
    pool,
    'scores',
    `select s.employee_id as id, v.value, v.band, v.coverage, v.parts, policy.version
       from score s join score_version v on v.year = s.year and v.score_id = s.id and v.version = s.version
       join scoring_policy policy on policy.id = v.policy_id
      where s.employee_id = any($1) and s.year = $2 and v.value is not null`,
    [ids, YEAR],
  );
  return new Map(
    rows.map(({ id, value, band, coverage, version, parts }) => [
      id,
      {
        value: Number(value),
        band,
        coverage: Number(coverage),
        ...(whole ? { asOf: null, policy: { version } } : {}),
        parts: parts.map((part) => partOf(part, whole)),
      },
    ]),
  );
}

const partOf = ({ component, weight, attainment, contribution, note, sources }: StoredPart, whole: boolean) => ({
  component,
  weight: Number(weight),
  attainment: attainment === null ? null : Number(attainment),
  contribution: Number(contribution),
  note,
  ...(whole ? { sources: sources.map(sourceOf) } : {}),
});

const sourceOf = ({ eventId, type, quantity, counted, reason, occurredAt }: StoredSource) => ({
  eventId,
  type,
  quantity: Number(quantity),
  counted: Number(counted),
  reason,
  occurredAt: occurredAt && new Date(occurredAt),
});

/** A measurement's row: the sums of answers by element are text, as whole numbers of PostgreSQL may be too large. */
export interface Numbers {
  readonly serviceId: string;
  readonly windowTo: string;
  readonly respondents: number;
  readonly [element: string]: unknown;
}

/** What services' measurements are together; null for none. */
export function satisfactionOf(rows: readonly Numbers[]) {
  if (rows.length === 0) return null;
  const respondents = rows.reduce((sum, row) => sum + row.respondents, 0);
  const sums = ELEMENTS.map((element) => rows.reduce((sum, row) => sum + Number(row[element]), 0));
  const share = (sum: number, answers: number) => halfUp(sum * 10_000, answers * 4);
  const index = share(
    sums.reduce((a, b) => a + b, 0),
    respondents * ELEMENTS.length,
  );
  return {
    asOf: rows.map(({ windowTo }) => windowTo).sort()[0]!,
    index: index / 100,
    grade: gradeOf(index),
    respondents,
    elements: ELEMENTS.map((element, n) => {
      const own = share(sums[n]!, respondents);
      return { element: element.toUpperCase(), index: own / 100, grade: gradeOf(own) };
    }),
  };
}

/** Fewest people about whom a figure is shown. */
export const FEWEST = 5;

/** The services of a unit whose own figures are not shown, for they would tell of too few, alone or by subtraction. */
export function hiddenOf(rows: readonly Numbers[]): ReadonlySet<string> {
  const bySize = [...rows].sort((a, b) => a.respondents - b.respondents || (a.serviceId < b.serviceId ? -1 : 1));
  const hidden = new Set<string>();
  let people = 0;
  for (const { serviceId, respondents } of bySize) {
    if (respondents >= FEWEST && (people === 0 || people >= FEWEST)) break;
    hidden.add(serviceId);
    people += respondents;
  }
  return hidden;
}

const halfUp = (numerator: number, denominator: number) =>
  Math.floor((2 * numerator + denominator) / (2 * denominator));
const gradeOf = (hundredths: number) =>
  hundredths >= 8831 ? 'A' : hundredths >= 7661 ? 'B' : hundredths >= 6500 ? 'C' : 'D';
