/** Relations of a calendar year: who employed and who supervised a person on any day of it that has come. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { prepared } from '@merit/chassis/prepared';
import { DEFAULT_TIME_ZONE } from './judgement.table.js';
import { supervisorChains } from './supervisor.table.js';

/** A person and a calendar year; null for today alone. */
export interface YearKey {
  readonly employee: string;
  readonly year: number | null;
}

interface Span {
  readonly from: string;
  readonly to: string;
}

/** Days beyond those of the calendar's years could not be read. */
const FIRST_YEAR = 1;
const LAST_YEAR = 9999;

/**
 * Key → the days by which it is judged, where the person works: those of the year up to today. A year to come is judged
 * as of today: it will be theirs who have the person now.
 */
async function spansOf({ db, now }: ServiceContext, keys: readonly YearKey[]): Promise<Span[]> {
  const rows: Span[] = await prepared(
    db,
    `select case when k.year is null then today else least(make_date(k.year, 1, 1), today) end as "from",
            case when k.year is null then today else least(make_date(k.year, 12, 31), today) end as "to"
       from unnest($1::uuid[], $2::int[]) with ordinality as k (employee_id, year, n)
       left join lateral (
         select a.time_zone as zone from directory_employment e join directory_agency a on a.id = e.agency_id
          where e.employee_id = k.employee_id order by e.valid_from desc limit 1
       ) z on true
      cross join lateral (select ($3::timestamptz at time zone coalesce(zone, $4))::date as today) d
      order by k.n`,
    [keys.map(({ employee }) => employee), keys.map(yearOf), now(), DEFAULT_TIME_ZONE],
  );
  return rows;
}

const yearOf = ({ year }: YearKey): number | null =>
  year === null ? null : Math.min(Math.max(year, FIRST_YEAR), LAST_YEAR);

/**
 * Key → the chains of supervisors that the person had on those days, each the direct one first. One statement, and two or
 * three for each span of days.
 */
export async function superiorsIn(context: ServiceContext, keys: readonly YearKey[]): Promise<string[][][]> {
  const spans = await spansOf(context, keys);
  const found = new Map<string, Map<string, string[][]>>();
  for (const name of new Set(spans.map(nameOf))) {
    const group = keys.filter((_, i) => nameOf(spans[i]!) === name).map(({ employee }) => employee);
    const span = spans.find((one) => nameOf(one) === name)!;
    found.set(name, await supervisorChains(context.db, group, span));
  }
  return keys.map(({ employee }, i) => found.get(nameOf(spans[i]!))?.get(employee) ?? []);
}

const nameOf = ({ from, to }: Span): string => `${from} ${to}`;

/**
 * Key → the agencies that employed the person on those days. An employment lasts until the next begins; who is only
 * about to begin belongs to the first already. Two statements.
 */
export async function employersIn(context: ServiceContext, keys: readonly YearKey[]): Promise<string[][]> {
  const spans = await spansOf(context, keys);
  const rows: { n: string; agencies: string[] }[] = await prepared(
    context.db,
    `select k.n, array_agg(distinct m.agency_id::text) as agencies
       from unnest($1::uuid[], $2::date[], $3::date[]) with ordinality as k (employee_id, first_day, last_day, n)
      cross join lateral (
        select agency_id, valid_from, lag(valid_from) over days is null as is_first, lead(valid_from) over days as next
          from directory_employment where employee_id = k.employee_id window days as (order by valid_from)
      ) m
      where (m.is_first or m.valid_from <= k.last_day) and (m.next is null or k.first_day < m.next)
      group by k.n`,
    [keys.map(({ employee }) => employee), spans.map(({ from }) => from), spans.map(({ to }) => to)],
  );
  const found = new Map(rows.map(({ n, agencies }) => [Number(n), agencies]));
  return keys.map((_, i) => found.get(i + 1) ?? []);
}
