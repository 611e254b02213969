/** What the rule of supervisors needs, read for many people at once. */
import type { DataSource, EntityManager } from 'typeorm';
import {
  type Assignment,
  chainOf,
  type Facts,
  indexFacts,
  type Override,
  supervisorOf,
  type UnitFacts,
} from './supervisor.js';

type Reader = DataSource | EntityManager;

/** After everything that was ever recorded. */
const END_OF_TIME = new Date(8.64e15);

/** Employee → supervisor (null for none) on a day, as known at a moment (all that is known now unless told). */
export async function supervisorsAt(
  tx: Reader,
  employeeIds: readonly string[],
  date: string,
  knownAt: Date = END_OF_TIME,
): Promise<Map<string, string | null>> {
  const facts = indexFacts(await factsAbout(tx, employeeIds, date));
  return new Map(employeeIds.map((id) => [id, supervisorOf(facts, id, date, knownAt)]));
}

/** Employee → supervisor, that one's supervisor, and so on; five statements for each level of the hierarchy. */
export async function higherSupervisorsAt(
  tx: Reader,
  employeeIds: readonly string[],
  date: string,
  knownAt: Date = END_OF_TIME,
): Promise<Map<string, string[]>> {
  const known = new Map<string, string | null>();
  for (let next = [...new Set(employeeIds)]; next.length > 0; ) {
    const found = await supervisorsAt(tx, next, date, knownAt);
    for (const [id, supervisorId] of found) known.set(id, supervisorId);
    next = [...new Set(found.values())].filter((id) => id !== null).filter((id) => !known.has(id));
  }
  return new Map(employeeIds.map((id) => [id, chainOf(id, (next) => known.get(next) ?? null)]));
}

/** The facts that decide who supervises these people on a day; later facts are left out. Five statements. */
export async function factsAbout(tx: Reader, employeeIds: readonly string[], date: string): Promise<Facts> {
  const own = await assignments(tx, 'a.employee_id = any($1)', [employeeIds, date]);
  const overrides: Override[] = await tx.query(
    `select id, employee_id as "employeeId", supervisor_id as "supervisorId", valid_from as "validFrom",
            valid_to as "validTo", recorded_at as "recordedAt"
       from directory_supervisor_override where employee_id = any($1) and valid_from <= $2`,
    [employeeIds, date],
  );
  const units = await unitsAbove(tx, [...new Set(own.map(({ unitId }) => unitId))]);
  const leading = await assignments(tx, 'a.leading and a.unit_id = any($1)', [units.map(({ id }) => id), date]);
  const all = [...new Map([...own, ...leading].map((assignment) => [assignment.id, assignment])).values()];
  const people = [
    ...all.map(({ employeeId }) => employeeId),
    ...overrides.flatMap(({ supervisorId }) => supervisorId ?? []),
  ];
  return { assignments: all, overrides, units, left: await leftOf(tx, people) };
}

const assignments = (tx: Reader, condition: string, parameters: [readonly string[], string]): Promise<Assignment[]> =>
  tx
    .query(
      `select a.id, a.employee_id as "employeeId", a.unit_id as "unitId", a.leading, a.kind,
              a.valid_from as "validFrom", a.recorded_at as "recordedAt", a.annulled_at as "annulledAt",
              e.valid_to as ends_valid_to, e.recorded_at as ends_recorded_at
         from directory_assignment a
         left join lateral (
           select array_agg(valid_to::text order by recorded_at) as valid_to, array_agg(recorded_at order by recorded_at) as recorded_at
             from directory_assignment_end where assignment_id = a.id
         ) e on true
        where ${condition} and a.valid_from <= $2`,
      parameters,
    )
    .then((rows: AssignmentRow[]) => rows.map(toAssignment));

type AssignmentRow = Omit<Assignment, 'ends'> & {
  readonly ends_valid_to: (string | null)[] | null;
  readonly ends_recorded_at: Date[] | null;
};

const toAssignment = ({ ends_valid_to: days, ends_recorded_at: moments, ...row }: AssignmentRow): Assignment => ({
  ...row,
  ends: (moments ?? []).map((recordedAt, i) => ({ validTo: days?.[i] ?? null, recordedAt })),
});

/** These units and whatever they ever hung under or went up in. `union` ends a circle that was entered by mistake. */
const unitsAbove = (tx: Reader, unitIds: readonly string[]): Promise<UnitFacts[]> =>
  tx.query(
    `with recursive above (id) as (
       select unnest($1::uuid[])
       union
       select next.id from above
         cross join lateral (
           select parent_id as id from directory_unit_parent where unit_id = above.id and parent_id is not null
           union all
           select merged_into from directory_unit where id = above.id and merged_into is not null
         ) next
     )
     select above.id, unit.closed_on as "closedOn", unit.merged_into as "mergedInto",
            coalesce((select jsonb_agg(jsonb_build_object('parentId', parent_id, 'validFrom', valid_from))
                        from directory_unit_parent where unit_id = above.id), '[]') as parents
       from above left join directory_unit unit on unit.id = above.id`,
    [unitIds],
  );

async function leftOf(tx: Reader, employeeIds: readonly string[]): Promise<Map<string, string>> {
  const rows: { id: string; left_on: string }[] = await tx.query(
    'select id, left_on from directory_employee where id = any($1) and left_on is not null',
    [[...new Set(employeeIds)]],
  );
  return new Map(rows.map(({ id, left_on }) => [id, left_on]));
}
