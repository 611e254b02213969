/** HR of the person's agency, and never the person themselves. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { requireId } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import type { EntityManager } from 'typeorm';
import { lockForHr, lockRecordForHr } from '../employee/employee.commands.js';
import { employmentAt } from '../employee/employee.js';
import { publish } from '../publish.js';
import { toMessage } from './service-assignment.events.js';
import * as rule from './service-assignment.js';
import { requireServed, saveServed, servedBy, servedNotFound } from './service-assignment.table.js';

export interface AssignService {
  readonly employeeId: string;
  readonly serviceId: string;
  readonly validFrom: LocalDate;
  readonly validTo?: LocalDate | null;
}
export interface EndService {
  readonly serviceAssignmentId: string;
  readonly validTo: LocalDate;
}

/** @throws EMPLOYEE_NOT_FOUND, NOT_EMPLOYED on `validFrom`, and as the rule */
export async function assignService(tx: EntityManager, context: ServiceContext, command: AssignService) {
  const { employee, employments, agencyId } = await lockForHr(tx, context, command.employeeId);
  const { validFrom, validTo = null } = command;
  const serviceId = requireId(command.serviceId, 'serviceId');
  const { state, events } = rule.assignService(
    { id: context.newId(), employeeId: employee.id, serviceId, validFrom, validTo },
    employmentAt(employments, validFrom, { field: 'validFrom' }),
    await servedBy(tx, employee.id),
  );
  await saveServed(tx, [state]);
  await publish(
    tx,
    context,
    events.map((event) => toMessage(event, agencyId)),
  );
  return { serviceAssignmentId: state.id, employeeId: employee.id };
}

/** @throws SERVICE_ASSIGNMENT_NOT_FOUND, and as the rule */
export async function endService(tx: EntityManager, context: ServiceContext, command: EndService) {
  const id = requireId(command.serviceAssignmentId, 'serviceAssignmentId');
  const { employeeId } = await requireServed(tx, id);
  const { agencyId } = await lockRecordForHr(tx, context, { employeeId }, servedNotFound);
  const { state, events } = rule.endService(await requireServed(tx, id), command.validTo);
  await saveServed(tx, [state]);
  await publish(
    tx,
    context,
    events.map((event) => toMessage(event, agencyId)),
  );
  return { serviceAssignmentId: id, employeeId };
}
