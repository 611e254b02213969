/** HR of the person's agency, and never the person themselves. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { actorOf } from '@merit/chassis/api/viewer';
import { type DomainError, requireId, requireText } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import { type Audience, demand, demandOf } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { requireAgency } from '../agency/agency.table.js';
import { publish } from '../publish.js';
import { depart } from './departure.commands.js';
import { toMessage } from './employee.events.js';
import type { Employee, Particulars } from './employee.js';
import * as rule from './employee.js';
import {
  addCorrection,
  addEmployees,
  addEmployment,
  changeEmployment,
  latestStart,
  lockEmployee,
  saveEmployee,
} from './employee.table.js';
import { IDENTITY_FIGURES } from './identity-number.figures.js';
import type { EmployeeKind } from './identity-number.js';
import { changeNumber, claimNumbers, nipTaken } from './identity-number.table.js';

export type RegisterEmployee = Omit<Particulars, 'contractFrom' | 'contractTo'> & {
  readonly agencyId: string;
  readonly contractFrom?: LocalDate | null;
  readonly contractTo?: LocalDate | null;
};
/** What is left out stays as it is; a contract's dates are taken away by null. */
export interface CorrectEmployee {
  readonly employeeId: string;
  readonly name?: string | null;
  readonly nip?: string | null;
  readonly kind?: EmployeeKind | null;
  readonly serviceFrom?: LocalDate | null;
  readonly contractFrom?: LocalDate | null;
  readonly contractTo?: LocalDate | null;
  readonly reason: string;
  readonly expectedVersion: number;
}
export interface TransferEmployee {
  readonly employeeId: string;
  readonly toAgencyId: string;
  readonly validFrom: LocalDate;
}
export interface RecordLeaving {
  readonly employeeId: string;
  readonly lastDay: LocalDate;
}

/** @throws AGENCY_NOT_FOUND, NIP_TAKEN on `nip`, and as the rule */
export async function registerEmployee(tx: EntityManager, context: ServiceContext, command: RegisterEmployee) {
  const agencyId = requireId(command.agencyId, 'agencyId');
  const { today } = await requireAgency(tx, agencyId, context.now());
  await demand(context, ['HR'], { agency: agencyId });
  const { name, nip, kind, serviceFrom, contractFrom = null, contractTo = null } = command;
  const { state, events } = rule.registerEmployee(
    context.newId(),
    agencyId,
    { name, nip, kind, serviceFrom, contractFrom, contractTo },
    { today, figures: IDENTITY_FIGURES },
  );
  await addEmployees(tx, agencyId, [state]);
  if (!(await claimNumbers(tx, [state])).has(state.id)) throw nipTaken();
  await publish(tx, context, events.map(toMessage));
  return { employeeId: state.id };
}

/** @throws EMPLOYEE_NOT_FOUND, NIP_TAKEN on `nip`, TEXT_* on `reason`, and as the rule */
export async function correctEmployee(tx: EntityManager, context: ServiceContext, command: CorrectEmployee) {
  const { employee, employments, agencyId, today } = await lockForHr(tx, context, command.employeeId);
  const { state, events } = rule.correctEmployee(
    employee,
    corrected(employee, command),
    command.expectedVersion,
    { agencyId, latestStart: await latestStart(tx, employee.id) },
    { today, figures: IDENTITY_FIGURES },
  );
  await saveEmployee(tx, state);
  await changeNumber(tx, state);
  await changeEmployment(tx, employments[0]!, { validFrom: state.serviceFrom });
  await addCorrection(tx, {
    id: context.newId(),
    before: employee,
    reason: requireText(command.reason, 'reason', { max: 1000, lines: true }),
    actor: actorOf(context.viewer) ?? '',
    recordedAt: context.now(),
  });
  await publish(tx, context, events.map(toMessage));
  return { employeeId: state.id };
}

const corrected = (employee: Employee, command: CorrectEmployee): Particulars => ({
  name: command.name ?? employee.name,
  nip: command.nip ?? employee.nip,
  kind: command.kind ?? employee.kind,
  serviceFrom: command.serviceFrom ?? employee.serviceFrom,
  contractFrom: command.contractFrom === undefined ? employee.contractFrom : command.contractFrom,
  contractTo: command.contractTo === undefined ? employee.contractTo : command.contractTo,
});

/** Ends positions, services and roles with the agency left behind. @throws EMPLOYEE_NOT_FOUND, AGENCY_NOT_FOUND, and as the rules */
export async function transferEmployee(tx: EntityManager, context: ServiceContext, command: TransferEmployee) {
  const { employee, employments } = await lockForHr(tx, context, command.employeeId);
  const toAgencyId = requireId(command.toAgencyId, 'toAgencyId');
  await requireAgency(tx, toAgencyId, context.now(), { field: 'toAgencyId' });
  const current = employments.at(-1)!;
  const { state, events } = rule.transferEmployee(employee, current, toAgencyId, command.validFrom);
  const ended = await depart(tx, context, {
    employeeId: employee.id,
    agencyId: current.agencyId,
    lastDay: state.from.validTo!,
  });
  await saveEmployee(tx, state.employee);
  await changeEmployment(tx, current, { validTo: state.from.validTo });
  await addEmployment(tx, state.to);
  await publish(tx, context, [...ended, ...events.map(toMessage)]);
  return { employeeId: employee.id };
}

/** Ends positions, services and roles too. @throws EMPLOYEE_NOT_FOUND, and as the rules */
export async function recordLeaving(tx: EntityManager, context: ServiceContext, command: RecordLeaving) {
  const { employee, employments } = await lockForHr(tx, context, command.employeeId);
  const { lastDay } = command;
  const current = employments.at(-1)!;
  const { state, events } = rule.leave(employee, current, lastDay);
  const ended = await depart(tx, context, { employeeId: employee.id, agencyId: current.agencyId, lastDay });
  await saveEmployee(tx, state.employee);
  await changeEmployment(tx, current, { validTo: lastDay });
  await publish(tx, context, [...ended, ...events.map(toMessage)]);
  return { employeeId: employee.id };
}

/**
 * The person, held, for an officer who may change their record.
 * @throws INVALID_ID, EMPLOYEE_NOT_FOUND, FORBIDDEN (also to the person themselves)
 */
export async function lockForHr(tx: EntityManager, context: ServiceContext, employeeId: string) {
  const found = await lockEmployee(tx, requireId(employeeId, 'employeeId'), context.now());
  await demand(context, ['HR'], { employee: found.employee.id });
  return found;
}

/** Who may know what was recorded of a person: the positions, services and days away that `Employee` shows. */
const SEES_RECORDS: readonly Audience[] = ['SELF', 'SUPERVISOR', 'HR', 'AUDITOR'];

/**
 * The same for a change of something recorded of the person. Who may not know of it gets `unknown`, the answer to an id
 * that nothing has.
 * @throws what `unknown` makes, FORBIDDEN (also to the person themselves)
 */
export async function lockRecordForHr(
  tx: EntityManager,
  context: ServiceContext,
  { employeeId }: { readonly employeeId: string },
  unknown: () => DomainError,
) {
  const found = await lockEmployee(tx, employeeId, context.now());
  await demandOf(context, ['HR'], { employee: employeeId }, { seenBy: SEES_RECORDS, unknown });
  return found;
}
