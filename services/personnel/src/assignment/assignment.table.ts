import type { ServiceContext } from '@merit/chassis/api/context';
import { type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import { HOLDING_KINDS } from '@merit/directory/rank';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { Position } from '../position/position.js';
import type { Assignment } from './assignment.js';

/** The copy of the position's `leading` is what the database's own check of one definitive holder goes by. */
type AssignmentRow = Assignment & { readonly leading: boolean };

export const AssignmentTable = new EntitySchema<AssignmentRow>({
  name: 'assignment',
  columns: {
    id: { type: 'uuid', primary: true },
    employeeId: { type: 'uuid', name: 'employee_id' },
    positionId: { type: 'uuid', name: 'position_id' },
    leading: { type: 'boolean', name: 'is_leading' },
    kind: { type: 'text' },
    validFrom: { type: 'date', name: 'valid_from' },
    validTo: { type: 'date', name: 'valid_to', nullable: true },
    decreeNumber: { type: 'text', name: 'decree_number' },
    decreeDate: { type: 'date', name: 'decree_date' },
    recordedAt: { type: 'timestamptz', name: 'recorded_at' },
    endedRecordedAt: { type: 'timestamptz', name: 'ended_recorded_at', nullable: true },
    annulledAt: { type: 'timestamptz', name: 'annulled_at', nullable: true },
    annulReason: { type: 'text', name: 'annul_reason', nullable: true },
  },
});

export const assignmentsOfPerson = (tx: EntityManager, employeeId: string): Promise<Assignment[]> =>
  tx.findBy(AssignmentTable, { employeeId });

export const assignmentsOfPosition = (tx: EntityManager, positionId: string): Promise<Assignment[]> =>
  tx.findBy(AssignmentTable, { positionId });

export async function addAssignments(
  tx: EntityManager,
  assignments: readonly { readonly assignment: Assignment; readonly position: Position }[],
): Promise<void> {
  if (assignments.length === 0) return;
  await tx.insert(
    AssignmentTable,
    assignments.map(({ assignment, position }) => ({ ...assignment, leading: position.leading })),
  );
  await recordEnds(
    tx,
    assignments.map(({ assignment }) => ({ ...assignment, endedRecordedAt: assignment.recordedAt })),
  );
}

/** What may change of an assignment: its end, or that it never was. */
export async function saveEnds(tx: EntityManager, assignments: readonly Assignment[]): Promise<void> {
  for (const { id, validTo, endedRecordedAt, annulledAt, annulReason } of assignments) {
    await tx.update(AssignmentTable, { id }, { validTo, endedRecordedAt, annulledAt, annulReason });
  }
  await recordEnds(tx, assignments);
}

/** Keeps each last day that was ever said, for what was known at an earlier moment. */
async function recordEnds(
  tx: EntityManager,
  assignments: readonly Pick<Assignment, 'id' | 'validTo' | 'endedRecordedAt'>[],
): Promise<void> {
  const said = assignments.filter(({ validTo, endedRecordedAt }) => validTo !== null && endedRecordedAt !== null);
  if (said.length === 0) return;
  await tx.query(
    `insert into assignment_end (assignment_id, valid_to, recorded_at)
     select * from unnest($1::uuid[], $2::date[], $3::timestamptz[])
     on conflict (assignment_id, recorded_at) do update set valid_to = excluded.valid_to`,
    [said.map(({ id }) => id), said.map(({ validTo }) => validTo), said.map(({ endedRecordedAt }) => endedRecordedAt)],
  );
}

/** @throws ASSIGNMENT_NOT_FOUND */
export async function requireAssignment(tx: EntityManager, id: string): Promise<Assignment> {
  const assignment = await tx.findOneBy(AssignmentTable, { id });
  if (!assignment) throw assignmentNotFound();
  return assignment;
}

export const assignmentNotFound = () =>
  new DomainError('ASSIGNMENT_NOT_FOUND', 'There is no such assignment.', { field: 'assignmentId' });

/** Null for those that do not exist. */
export const assignmentsById = rowsById(AssignmentTable);

/** A person's assignments, the latest first; annulled ones among them, for what was annulled is part of the record. */
export const assignmentPages = ({ db }: ServiceContext, keys: readonly PageKey[]): Promise<Assignment[][]> =>
  pagesOf<Assignment>(db, keys, {
    columns: `id, employee_id as "employeeId", position_id as "positionId", kind, valid_from as "validFrom",
            valid_to as "validTo", decree_number as "decreeNumber", decree_date as "decreeDate",
            recorded_at as "recordedAt", ended_recorded_at as "endedRecordedAt", annulled_at as "annulledAt",
            annul_reason as "annulReason"`,
    from: 'assignment where employee_id = parent.id',
    keys: [
      { sql: 'valid_from', type: 'date' },
      { sql: 'id', type: 'uuid' },
    ],
    descending: true,
  });

/** Who leads each unit on a day: the definitive holder before who holds it beside another, before who acts in it. */
export async function headsOf(
  { db }: ServiceContext,
  keys: readonly { unitId: string; date: string }[],
): Promise<({ name: string; title: string } | null)[]> {
  const rows: { name: string | null; title: string }[] = await prepared(
    db,
    `select head.name, head.title
       from unnest($1::uuid[], $2::date[]) with ordinality as asked (unit_id, date, n)
       left join lateral (
         select employee.name,
                case held.kind when 'PLT' then 'Plt. ' when 'PLH' then 'Plh. ' else '' end || position.title as title
           from position
           join assignment held on held.position_id = position.id
           join employee on employee.id = held.employee_id
          where position.unit_id = asked.unit_id and position.is_leading and held.annulled_at is null
            and held.valid_from <= asked.date and (held.valid_to is null or held.valid_to >= asked.date)
            and (employee.left_on is null or employee.left_on >= asked.date)
          order by array_position($3::text[], held.kind), held.valid_from desc, held.recorded_at desc, held.id desc
          limit 1) head on true
      order by n`,
    [keys.map(({ unitId }) => unitId), keys.map(({ date }) => date), HOLDING_KINDS],
  );
  return rows.map(({ name, title }) => (name === null ? null : { name, title }));
}
