/** What the rule of supervisors needs, read for many people at once. */
import { prepared } from '@merit/chassis/prepared';
import type { DataSource, EntityManager } from 'typeorm';
import {
  type Assignment,
  chainOf,
  changeDays,
  type Day,
  type Facts,
  higherSupervisors,
  indexFacts,
  type Override,
  supervisorOf,
} from './supervisor.js';

type Reader = DataSource | EntityManager;

/** After everything that was ever recorded. */
const END_OF_TIME = new Date(8.64e15);

/**
 * Employee → supervisor (null for none) on a day, as known at a moment (all that is known now unless told).
 * One statement.
 */
export async function supervisorsAt(
  tx: Reader,
  employeeIds: readonly string[],
  date: string,
  knownAt?: Date,
): Promise<Map<string, string | null>> {
  const facts = indexFacts(await factsAbout(tx, employeeIds, date, knownAt));
  return new Map(employeeIds.map((id) => [id, supervisorOf(facts, id, date, knownAt ?? END_OF_TIME)]));
}

/**
 * Employee → supervisor, that one's supervisor, and so on to the top. Two or three statements: whoever leads a unit
 * above is read at once, and leads from there upward.
 */
export async function higherSupervisorsAt(
  tx: Reader,
  employeeIds: readonly string[],
  date: string,
  knownAt?: Date,
): Promise<Map<string, string[]>> {
  const known = new Map<string, string | null>();
  for (let next = [...new Set(employeeIds)]; next.length > 0; ) {
    const found = await factsAbout(tx, next, date, knownAt);
    const facts = indexFacts(found);
    for (const id of next) known.set(id, supervisorOf(facts, id, date, knownAt ?? END_OF_TIME));
    next = leadersIn(found).filter((id) => !known.has(id));
  }
  return new Map(employeeIds.map((id) => [id, chainOf(id, (next) => known.get(next) ?? null)]));
}

/**
 * Employee → the chains of supervisors that the person had from the first day to the last, by all that is known now: each
 * the direct one first, and each only once. Two or three statements, however often something changed.
 */
export async function supervisorChains(
  tx: Reader,
  employeeIds: readonly string[],
  { from, to }: { from: Day; to: Day },
): Promise<Map<string, string[][]>> {
  if (from === to) {
    const found = await higherSupervisorsAt(tx, employeeIds, to);
    return new Map([...found].map(([id, chain]) => [id, [chain]]));
  }
  const read: Facts[] = [];
  const asked = new Set<string>();
  for (let next = [...new Set(employeeIds)]; next.length > 0; ) {
    for (const id of next) asked.add(id);
    const found = await factsAbout(tx, next, to, END_OF_TIME);
    read.push(found);
    next = leadersIn(found).filter((id) => !asked.has(id));
  }
  const facts = together(read);
  const index = indexFacts(facts);
  const days = changeDays(facts, from, to);
  return new Map(
    employeeIds.map((id) => {
      const chains = days.map((day) => higherSupervisors(index, id, day, END_OF_TIME));
      return [id, [...new Map(chains.map((chain) => [chain.join(), chain])).values()]];
    }),
  );
}

/** Who may stand above the people of these facts. */
const leadersIn = ({ assignments, overrides }: Facts): string[] => [
  ...new Set([
    ...assignments.filter(({ leading }) => leading).map(({ employeeId }) => employeeId),
    ...overrides.flatMap(({ supervisorId }) => supervisorId ?? []),
  ]),
];

/** Facts that were read one after another, each once. */
const together = (read: readonly Facts[]): Facts => ({
  assignments: once(
    read.flatMap(({ assignments }) => assignments),
    ({ id }) => id,
  ),
  overrides: once(
    read.flatMap(({ overrides }) => overrides),
    ({ id, recordedAt }) => `${id} ${recordedAt.getTime()}`,
  ),
  units: once(
    read.flatMap(({ units }) => units),
    ({ id }) => id,
  ),
  left: new Map(read.flatMap(({ left }) => [...left])),
});

const once = <T>(items: readonly T[], nameOf: (item: T) => string): T[] => [
  ...new Map(items.map((item) => [nameOf(item), item])).values(),
];

/**
 * The facts that decide who supervises these people on a day: their own assignments, the units of these and whatever
 * those units ever hung under or went up in (`union` ends a circle that was entered by mistake), and who leads them.
 * What began later is left out; where no moment is asked for, so is what is known to have ended or been annulled.
 *
 * How many units and people there will be is not known when it is planned: by `any (array (…))` and `lateral` they are
 * looked up one by one, where joins read everyone (13 ms of 20,000 people, and 1 ms so).
 */
async function factsAbout(
  tx: Reader,
  employeeIds: readonly string[],
  date: string,
  knownAt: Date | undefined,
): Promise<Facts> {
  const [row] = await prepared<FactsRow>(
    tx,
    `with recursive assignment as not materialized (
       select id, employee_id, unit_id, "leading", kind, valid_from, valid_to, recorded_at, annulled_at
         from directory_assignment
        where valid_from <= $2 and ($3 or (annulled_at is null and (valid_to is null or $2 <= valid_to)))
     ), own as (
       select * from assignment where employee_id = any($1)
     ), above (id) as (
       select unit_id from own
       union
       select next.id from above
         cross join lateral (
           select parent_id as id from directory_unit_parent where unit_id = above.id and parent_id is not null
           union all
           select merged_into from directory_unit where id = above.id and merged_into is not null
         ) next
     ), relevant as (
       select * from own
       union
       select * from assignment a where a."leading" and a.unit_id = any(array(select id from above))
     ), setting as (
       select * from directory_supervisor_override where employee_id = any($1) and valid_from <= $2
     )
     select
       (select jsonb_agg(jsonb_build_object(
          'id', a.id, 'employeeId', a.employee_id, 'unitId', a.unit_id, 'leading', a."leading", 'kind', a.kind,
          'validFrom', a.valid_from, 'recordedAt', a.recorded_at, 'annulledAt', a.annulled_at,
          'ends', case when $3 then (
            select jsonb_agg(jsonb_build_object('validTo', e.valid_to, 'recordedAt', e.recorded_at))
              from directory_assignment_end e where e.assignment_id = a.id
          ) else jsonb_build_array(jsonb_build_object('validTo', a.valid_to, 'recordedAt', a.recorded_at)) end
        )) from relevant a) as assignments,
       (select jsonb_agg(jsonb_build_object(
          'id', id, 'employeeId', employee_id, 'supervisorId', supervisor_id, 'validFrom', valid_from,
          'validTo', valid_to, 'recordedAt', recorded_at
        )) from setting) as overrides,
       (select jsonb_agg(jsonb_build_object(
          'id', above.id, 'closedOn', u.closed_on, 'mergedInto', u.merged_into, 'parents', coalesce((
            select jsonb_agg(jsonb_build_object('parentId', parent_id, 'validFrom', valid_from))
              from directory_unit_parent where unit_id = above.id
          ), '[]')
        )) from above left join lateral (select * from directory_unit where id = above.id limit 1) u on true) as units,
       (select jsonb_object_agg(id, left_on) from directory_employee
         where left_on is not null and id = any(array(
           select employee_id from relevant union select supervisor_id from setting
         ))) as "left"`,
    [employeeIds, date, knownAt !== undefined],
  );
  return {
    assignments: (row!.assignments ?? []).map(withDates),
    overrides: (row!.overrides ?? []).map((one) => ({ ...one, recordedAt: new Date(one.recordedAt) })),
    units: row!.units ?? [],
    left: new Map(Object.entries(row!.left ?? {})),
  };
}

/** As JSON has it: null for nothing, and moments as texts. */
interface FactsRow {
  readonly assignments: AssignmentRow[] | null;
  readonly overrides: (Omit<Override, 'recordedAt'> & { readonly recordedAt: string })[] | null;
  readonly units: Facts['units'] | null;
  readonly left: Record<string, string> | null;
}
type AssignmentRow = Omit<Assignment, 'recordedAt' | 'annulledAt' | 'ends'> & {
  readonly recordedAt: string;
  readonly annulledAt: string | null;
  readonly ends: { readonly validTo: string | null; readonly recordedAt: string }[] | null;
};

const withDates = ({ recordedAt, annulledAt, ends, ...row }: AssignmentRow): Assignment => ({
  ...row,
  recordedAt: new Date(recordedAt),
  annulledAt: annulledAt === null ? null : new Date(annulledAt),
  ends: (ends ?? []).map((end) => ({ validTo: end.validTo, recordedAt: new Date(end.recordedAt) })),
});
