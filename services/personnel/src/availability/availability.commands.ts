/** HR of the person's agency, and never the person themselves. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { requireId } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import type { EntityManager } from 'typeorm';
import { lockForHr, lockRecordForHr } from '../employee/employee.commands.js';
import { employmentAt } from '../employee/employee.js';
import { publish } from '../publish.js';
import { toMessage } from './availability.events.js';
import type { LeaveKind } from './availability.js';
import * as rule from './availability.js';
import { availabilityNotFound, availabilityOf, requireAvailability, saveAvailability } from './availability.table.js';

export interface RecordAvailability {
  readonly employeeId: string;
  readonly awayFrom: LocalDate;
  readonly awayTo: LocalDate;
  readonly kind: LeaveKind;
}
export interface CancelAvailability {
  readonly availabilityId: string;
}

/** @throws EMPLOYEE_NOT_FOUND, NOT_EMPLOYED on `awayFrom`, and as the rule */
export async function recordAvailability(tx: EntityManager, context: ServiceContext, command: RecordAvailability) {
  const { employee, employments, agencyId } = await lockForHr(tx, context, command.employeeId);
  const { awayFrom, awayTo, kind } = command;
  const { state, events } = rule.recordAvailability(
    { id: context.newId(), employeeId: employee.id, awayFrom, awayTo, kind, recordedAt: context.now() },
    employmentAt(employments, awayFrom, { field: 'awayFrom' }),
    await availabilityOf(tx, employee.id),
  );
  await saveAvailability(tx, state);
  await publish(
    tx,
    context,
    events.map((event) => toMessage(event, agencyId)),
  );
  return { availabilityId: state.id, employeeId: employee.id };
}

/** @throws AVAILABILITY_NOT_FOUND, and as the rule */
export async function cancelAvailability(tx: EntityManager, context: ServiceContext, command: CancelAvailability) {
  const id = requireId(command.availabilityId, 'availabilityId');
  const { employeeId } = await requireAvailability(tx, id);
  const { agencyId } = await lockRecordForHr(tx, context, { employeeId }, availabilityNotFound);
  const { state, events } = rule.cancelAvailability(await requireAvailability(tx, id), context.now());
  await saveAvailability(tx, state);
  await publish(
    tx,
    context,
    events.map((event) => toMessage(event, agencyId)),
  );
  return { availabilityId: id, employeeId };
}
