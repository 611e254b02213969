/** ADMIN; HR may name complaint officers within their agency. Nobody gives a role to themselves. */
import type { ServiceContext } from '@merit/chassis/api/context';
import type { Viewer } from '@merit/chassis/api/viewer';
import { DomainError, isId, requireId, requireText } from '@merit/chassis/errors';
import { addDays, type LocalDate, localDateAt } from '@merit/chassis/local-date';
import { type Audience, demand, demandOf, judge } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { DEFAULT_TIME_ZONE } from '../agency/agency.js';
import { requireAgency } from '../agency/agency.table.js';
import { requireInService } from '../employee/employee.js';
import { findEmployees, lockEmployee } from '../employee/employee.table.js';
import { publish } from '../publish.js';
import { requireUnit } from '../unit/unit.table.js';
import { toMessage } from './grant.events.js';
import type { Grant, Role } from './grant.js';
import * as rule from './grant.js';
import { grantNotFound, lockGrantsOf, requireGrant, saveGrants } from './grant.table.js';

export interface GrantRole {
  readonly employeeId?: string | null;
  readonly subject?: string | null;
  readonly role: Role;
  readonly agencyId?: string | null;
  readonly unitId?: string | null;
  readonly validFrom: LocalDate;
  readonly validTo?: LocalDate | null;
  readonly decreeNumber?: string | null;
  readonly decreeDate?: LocalDate | null;
}
export interface RevokeRole {
  readonly grantId: string;
  readonly validTo?: LocalDate | null;
  readonly reason: string;
}

/** @throws SUBJECT_REQUIRED, TEXT_* on `subject`, FORBIDDEN, EMPLOYEE_NOT_FOUND, AGENCY_NOT_FOUND, UNIT_NOT_FOUND, and as the rule */
export async function grantRole(tx: EntityManager, context: ServiceContext, command: GrantRole) {
  const now = context.now();
  const { role, validFrom, validTo = null, decreeNumber = null, decreeDate = null } = command;
  const agencyId = command.agencyId == null ? null : requireId(command.agencyId, 'agencyId');
  const unitId = command.unitId == null ? null : requireId(command.unitId, 'unitId');
  await demand(context, mayGrant(role), { agency: agencyId });
  const subject = await subjectOf(tx, context, command);
  if (agencyId !== null) await requireAgency(tx, agencyId, now);
  const unit = unitId === null ? null : await requireUnit(tx, unitId, now);
  const { state, events } = rule.grantRole(
    {
      id: context.newId(),
      subject,
      role,
      agencyId,
      unitId,
      validFrom,
      validTo,
      decreeNumber,
      decreeDate,
      recordedAt: now,
    },
    unit?.agencyId ?? null,
    await lockGrantsOf(tx, subject),
  );
  await saveGrants(tx, [state]);
  await publish(tx, context, events.map(toMessage));
  return { grantId: state.id };
}

/** Without a last day the role ends at once. @throws GRANT_NOT_FOUND, FORBIDDEN, and as the rule */
export async function revokeRole(tx: EntityManager, context: ServiceContext, command: RevokeRole) {
  const id = requireId(command.grantId, 'grantId');
  const now = context.now();
  const { subject, role, agencyId } = await requireGrant(tx, id);
  await demandToRevoke(context, { subject, role, agencyId });
  const today =
    agencyId === null ? localDateAt(now, DEFAULT_TIME_ZONE) : (await requireAgency(tx, agencyId, now)).today;
  const held = (await lockGrantsOf(tx, subject)).find((grant) => grant.id === id)!;
  const { state, events } = rule.revokeRole(held, command.validTo ?? addDays(today, -1), command.reason, now);
  await saveGrants(tx, [state]);
  await publish(tx, context, events.map(toMessage));
  return { grantId: id };
}

/** To who may not know of the grant there is none: `Employee.grants` shows it to the person, HR, auditors and ADMIN. */
async function demandToRevoke(
  context: ServiceContext,
  { subject, role, agencyId }: Pick<Grant, 'subject' | 'role' | 'agencyId'>,
) {
  const isSubjects = context.viewer.kind === 'EMPLOYEE' && context.viewer.employeeId === subject;
  const about = { agency: agencyId };
  const seenBy: Audience[] = ['HR', 'AUDITOR', 'ADMIN'];
  if (isSubjects) await demand(context, mayGrant(role), about);
  else await demandOf(context, mayGrant(role), about, { seenBy, unknown: grantNotFound });
}

const mayGrant = (role: Role): Audience[] => (role === 'OFFICER' ? ['ADMIN', 'HR'] : ['ADMIN']);

async function subjectOf(tx: EntityManager, context: ServiceContext, command: GrantRole): Promise<string> {
  const { employeeId, subject } = command;
  if ((employeeId == null) === (subject == null)) {
    throw new DomainError('SUBJECT_REQUIRED', 'Name either an employee or the subject of a token.', {
      field: 'employeeId',
    });
  }
  if (employeeId != null) return heldEmployee(tx, context, requireId(employeeId, 'employeeId'), 'employeeId');
  const name = requireText(subject, 'subject', { max: 255 });
  if (await namesNoEmployee(tx, context, name)) return name;
  return heldEmployee(tx, context, name.toLowerCase(), 'subject');
}

/**
 * A role is an employee's by their id. So a subject that is one counts as that employee, while an identity provider may
 * name its operators by ids, too. An operator has no record of their own: an ADMIN among them gives themselves what a
 * task needs.
 */
async function namesNoEmployee(tx: EntityManager, context: ServiceContext, subject: string): Promise<boolean> {
  const { viewer } = context;
  if (viewer.kind !== 'PUBLIC' && viewer.subject === subject) {
    if (viewer.kind !== 'OPERATOR' || !(await judge(context, ['ADMIN'], {}))) throw toOneself('subject');
  }
  if (!isId(subject)) return true;
  return !isOwn(viewer, subject.toLowerCase()) && (await findEmployees(tx, context.now(), [subject])).length === 0;
}

/** Held, so that nobody is given a role while they leave. @throws FORBIDDEN, EMPLOYEE_NOT_FOUND on `field`, EMPLOYEE_LEFT */
async function heldEmployee(tx: EntityManager, context: ServiceContext, id: string, field: string): Promise<string> {
  if (isOwn(context.viewer, id)) throw toOneself(field);
  requireInService((await lockEmployee(tx, id, context.now(), field)).employee);
  return id;
}

const isOwn = (viewer: Viewer, id: string): boolean => viewer.kind === 'EMPLOYEE' && viewer.employeeId === id;

const toOneself = (field: string) =>
  new DomainError('FORBIDDEN', 'Nobody gives a role to themselves. Ask another administrator.', { field });
