/** HR of the person's agency, and never the person themselves. */
import type { ServiceContext } from '@merit/chassis/api/context';
import type { Decision } from '@merit/chassis/decision';
import { requireId } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import type { EntityManager } from 'typeorm';
import { lockForHr, lockRecordForHr } from '../employee/employee.commands.js';
import { employmentAt } from '../employee/employee.js';
import { lockPosition } from '../position/position.table.js';
import { publish } from '../publish.js';
import { holdUnits, requireUnit } from '../unit/unit.table.js';
import { toMessage } from './assignment.events.js';
import type { Assignment, AssignmentEvent, AssignmentKind } from './assignment.js';
import * as rule from './assignment.js';
import {
  addAssignments,
  assignmentNotFound,
  assignmentsOfPerson,
  assignmentsOfPosition,
  requireAssignment,
  saveEnds,
} from './assignment.table.js';

export interface AssignPosition {
  readonly employeeId: string;
  readonly positionId: string;
  readonly kind: AssignmentKind;
  readonly validFrom: LocalDate;
  readonly validTo?: LocalDate | null;
  readonly decreeNumber: string;
  readonly decreeDate: LocalDate;
  /** Ends what the person holds definitively so far, on the day before. */
  readonly endPrevious: boolean;
}
export interface EndAssignment {
  readonly assignmentId: string;
  readonly validTo: LocalDate;
}
export interface AnnulAssignment {
  readonly assignmentId: string;
  readonly reason: string;
}

/** @throws EMPLOYEE_NOT_FOUND, POSITION_NOT_FOUND, NOT_EMPLOYED on `validFrom`, and as the rule */
export async function assignPosition(tx: EntityManager, context: ServiceContext, command: AssignPosition) {
  // The person first and then the position, in every command: two that take both cannot block each other.
  const { employee, employments, today } = await lockForHr(tx, context, command.employeeId);
  const position = await lockPosition(tx, requireId(command.positionId, 'positionId'));
  await holdUnits(tx, [position.unitId], 'SHARED');
  const unit = await requireUnit(tx, position.unitId, context.now());
  const { kind, validFrom, validTo = null, decreeNumber, decreeDate } = command;
  const decide = command.endPrevious && kind === 'DEFINITIF' ? rule.assignInstead : rule.assign;
  const id = context.newId();
  const recordedAt = context.now();
  const { state, events } = decide(
    { id, employeeId: employee.id, kind, validFrom, validTo, decreeNumber, decreeDate, recordedAt },
    {
      position,
      unit,
      today,
      service: employmentAt(employments, validFrom, { agencyId: unit.agencyId, field: 'validFrom' }),
      ofPerson: await assignmentsOfPerson(tx, employee.id),
      ofPosition: await assignmentsOfPosition(tx, position.id),
    },
  );
  // What ends first, for the database checks each statement for itself.
  const ended = events.flatMap((event) => (event.type === 'AssignmentEnded' ? event.assignment : []));
  await saveEnds(tx, ended);
  await addAssignments(tx, [{ assignment: state, position }]);
  const messages = events.map((event) => toMessage(event, unit.agencyId));
  await publish(tx, context, messages);
  return { assignmentId: state.id, employeeId: employee.id };
}

/** @throws ASSIGNMENT_NOT_FOUND, and as the rule */
export const endAssignment = (tx: EntityManager, context: ServiceContext, command: EndAssignment) =>
  change(tx, context, command.assignmentId, (held) => rule.endAssignment(held, command.validTo, context.now()));

/** @throws ASSIGNMENT_NOT_FOUND, and as the rule */
export const annulAssignment = (tx: EntityManager, context: ServiceContext, command: AnnulAssignment) =>
  change(tx, context, command.assignmentId, (held) => rule.annulAssignment(held, command.reason, context.now()));

async function change(
  tx: EntityManager,
  context: ServiceContext,
  assignmentId: string,
  decide: (assignment: Assignment) => Decision<Assignment, AssignmentEvent>,
) {
  const id = requireId(assignmentId, 'assignmentId');
  const { employeeId } = await requireAssignment(tx, id);
  const { agencyId } = await lockRecordForHr(tx, context, { employeeId }, assignmentNotFound);
  // Read again: what was read before the lock may be what someone else has just changed.
  const { state, events } = decide(await requireAssignment(tx, id));
  await saveEnds(tx, [state]);
  const messages = events.map((event) => toMessage(event, agencyId));
  await publish(tx, context, messages);
  return { assignmentId: id, employeeId };
}
