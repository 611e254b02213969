import type { AggregatePart } from '@merit/chassis/out/snapshot';
import type { EntityManager } from 'typeorm';
import { grouped, part } from '../part.js';
import type { Position } from '../position/position.js';
import { toMessage } from './assignment.events.js';
import type { Assignment } from './assignment.js';

type Row = Assignment & { readonly position: Position };
interface Said {
  readonly assignmentId: string;
  readonly validTo: string;
  readonly recordedAt: Date;
}

/** The assignments of these people, as parts of their snapshots. */
export async function assignmentParts(
  tx: EntityManager,
  employeeIds: readonly string[],
  agencyOf: (employeeId: string) => string,
): Promise<(employeeId: string) => readonly AggregatePart[]> {
  const rows: Row[] = await tx.query(
    `select a.id, a.employee_id as "employeeId", a.position_id as "positionId", a.kind, a.valid_from as "validFrom",
            a.valid_to as "validTo", a.recorded_at as "recordedAt", a.ended_recorded_at as "endedRecordedAt",
            a.annulled_at as "annulledAt",
            json_build_object('id', p.id, 'unitId', p.unit_id, 'title', p.title, 'leading', p.is_leading) as position
       from assignment a join position p on p.id = a.position_id
      where a.employee_id = any($1) order by a.recorded_at, a.id`,
    [employeeIds],
  );
  const said: Said[] = await tx.query(
    `select assignment_id as "assignmentId", valid_to as "validTo", recorded_at as "recordedAt"
       from assignment_end where assignment_id = any($1) order by recorded_at`,
    [rows.map(({ id }) => id)],
  );
  const endsOf = grouped(said, ({ assignmentId }) => assignmentId);
  const of = grouped(rows, ({ employeeId }) => employeeId);
  return (employeeId) => of(employeeId).flatMap((row) => partsOf(row, endsOf(row.id), agencyOf(employeeId)));
}

/** With each last day that was ever said, so that what was known at an earlier moment can be told from it. */
function partsOf(row: Row, said: readonly Said[], agencyId: string): AggregatePart[] {
  const { position, ...assignment } = row;
  const { id, recordedAt, validTo, endedRecordedAt, annulledAt } = assignment;
  const isAt = (moment: Date | null) => (each: Said) => each.recordedAt.getTime() === moment?.getTime();
  const first = { ...assignment, validTo: said.find(isAt(recordedAt))?.validTo ?? null };
  const ends = said.filter((each) => !isAt(recordedAt)(each) && !isAt(endedRecordedAt)(each));
  // The one that holds comes last, whatever the clocks of those who entered them said.
  if (validTo !== null && endedRecordedAt !== null)
    ends.push({ assignmentId: id, validTo, recordedAt: endedRecordedAt });
  return [
    part(toMessage({ type: 'PositionAssigned', assignment: first, position }, agencyId), `assigned/${id}`, recordedAt),
    ...ends.map((end) => {
      const ended = { ...assignment, validTo: end.validTo, endedRecordedAt: end.recordedAt };
      const message = toMessage({ type: 'AssignmentEnded', assignment: ended }, agencyId);
      return part(message, `ended/${id}/${end.recordedAt.getTime()}`, end.recordedAt);
    }),
    ...(annulledAt === null
      ? []
      : [
          part(
            toMessage({ type: 'AssignmentAnnulled', assignment: { ...assignment, annulledAt } }, agencyId),
            `annulled/${id}`,
            annulledAt,
          ),
        ]),
  ];
}
