/** HR of the person's agency, and never the person themselves. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { requireId } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import { higherSupervisorsAt } from '@merit/directory/directory';
import type { EntityManager } from 'typeorm';
import { lockForHr, lockRecordForHr } from '../employee/employee.commands.js';
import { employmentAt } from '../employee/employee.js';
import { requireEmployee } from '../employee/employee.table.js';
import { publish } from '../publish.js';
import { toMessage } from './supervisor.events.js';
import * as rule from './supervisor.js';
import { overrideNotFound, overridesOf, requireOverride, saveOverride } from './supervisor.table.js';

export interface OverrideSupervisor {
  readonly employeeId: string;
  readonly supervisorId: string;
  readonly validFrom: LocalDate;
  readonly validTo?: LocalDate | null;
  readonly reason: string;
}
export interface WithdrawOverride {
  readonly overrideId: string;
  readonly reason: string;
}

/** @throws EMPLOYEE_NOT_FOUND on either, NOT_EMPLOYED on `validFrom`, and as the rule */
export async function overrideSupervisor(tx: EntityManager, context: ServiceContext, command: OverrideSupervisor) {
  const { employee, employments, agencyId } = await lockForHr(tx, context, command.employeeId);
  const now = context.now();
  const { validFrom, validTo = null, reason } = command;
  employmentAt(employments, validFrom, { field: 'validFrom' });
  const supervisorId = requireId(command.supervisorId, 'supervisorId');
  await requireEmployee(tx, supervisorId, now, 'supervisorId');
  const above = await higherSupervisorsAt(tx, [supervisorId], validFrom);
  const { state, events } = rule.overrideSupervisor(
    { id: context.newId(), employeeId: employee.id, supervisorId, validFrom, validTo, reason, recordedAt: now },
    above.get(supervisorId) ?? [],
    await overridesOf(tx, employee.id),
  );
  await saveOverride(tx, state);
  await publish(
    tx,
    context,
    events.map((event) => toMessage(event, agencyId)),
  );
  return { overrideId: state.id, employeeId: employee.id };
}

/** @throws OVERRIDE_NOT_FOUND, and as the rule */
export async function withdrawSupervisorOverride(
  tx: EntityManager,
  context: ServiceContext,
  command: WithdrawOverride,
) {
  const id = requireId(command.overrideId, 'overrideId');
  const { employeeId } = await requireOverride(tx, id);
  const { agencyId } = await lockRecordForHr(tx, context, { employeeId }, overrideNotFound);
  const { state, events } = rule.withdrawOverride(await requireOverride(tx, id), command.reason, context.now());
  await saveOverride(tx, state);
  await publish(
    tx,
    context,
    events.map((event) => toMessage(event, agencyId)),
  );
  return { overrideId: id, employeeId };
}
