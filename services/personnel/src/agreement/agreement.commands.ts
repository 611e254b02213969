/** HR of the agency, and ADMIN. Nobody shares their own record. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireId } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import { type Audience, demand, judge } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { requireAgency } from '../agency/agency.table.js';
import { findEmployees } from '../employee/employee.table.js';
import { publish } from '../publish.js';
import { findUnits } from '../unit/unit.table.js';
import { toMessage } from './agreement.events.js';
import * as rule from './agreement.js';
import { addAgreement, agreementNotFound, lockAgreement, saveEnd } from './agreement.table.js';

export interface SignAgreement {
  readonly clientId: string;
  readonly agencyId: string;
  readonly purpose: string;
  readonly employeeIds?: readonly string[] | null;
  readonly unitIds?: readonly string[] | null;
  readonly validFrom: LocalDate;
  readonly validTo?: LocalDate | null;
  readonly decreeNumber: string;
  readonly decreeDate: LocalDate;
}
export interface EndAgreement {
  readonly agreementId: string;
  readonly validTo?: LocalDate | null;
  readonly reason: string;
}

const MAY_SIGN: readonly Audience[] = ['HR', 'ADMIN'];
/** Who learns from a refusal that there is such an agreement: whoever may read it. */
const MAY_KNOW: readonly Audience[] = ['HR', 'AUDITOR', 'ADMIN'];

/** @throws FORBIDDEN (on `employeeIds` for one's own record), AGENCY_NOT_FOUND, and as the rule */
export async function signAgreement(tx: EntityManager, context: ServiceContext, command: SignAgreement) {
  const now = context.now();
  const agencyId = requireId(command.agencyId, 'agencyId');
  await demand(context, MAY_SIGN, { agency: agencyId });
  const { today } = await requireAgency(tx, agencyId, now);
  const employeeIds = idsOf(command.employeeIds, 'employeeIds');
  const unitIds = idsOf(command.unitIds, 'unitIds');
  const { viewer } = context;
  if (viewer.kind === 'EMPLOYEE' && employeeIds.includes(viewer.employeeId)) {
    throw new DomainError('FORBIDDEN', 'Nobody acts on their own record. Ask another officer.', {
      field: 'employeeIds',
    });
  }
  const { clientId, purpose, validFrom, validTo = null, decreeNumber, decreeDate } = command;
  const { state, events } = rule.signAgreement(
    {
      id: context.newId(),
      clientId,
      agencyId,
      purpose,
      employeeIds,
      unitIds,
      validFrom,
      validTo,
      decreeNumber,
      decreeDate,
      recordedAt: now,
    },
    {
      today,
      employers: new Map((await findEmployees(tx, now, employeeIds)).map((found) => [found.id, found.agencyId])),
      agencies: new Map([...(await findUnits(tx, now, unitIds))].map(([id, found]) => [id, found.agencyId])),
    },
  );
  await addAgreement(tx, state);
  await publish(tx, context, events.map(toMessage));
  return { agreementId: state.id };
}

/** Without a last day it ends at once. @throws AGREEMENT_NOT_FOUND (also to whoever may not know of it), FORBIDDEN, and as the rule */
export async function endAgreement(tx: EntityManager, context: ServiceContext, command: EndAgreement) {
  const agreement = await lockAgreement(tx, requireId(command.agreementId, 'agreementId'));
  const about = { agency: agreement.agencyId };
  if (!(await judge(context, MAY_KNOW, about))) throw agreementNotFound();
  await demand(context, MAY_SIGN, about);
  const now = context.now();
  const { today } = await requireAgency(tx, agreement.agencyId, now);
  const { reason, validTo = null } = command;
  const { state, events } = rule.endAgreement(agreement, { validTo, reason, today, now });
  await saveEnd(tx, state);
  await publish(tx, context, events.map(toMessage));
  return { agreementId: state.id };
}

const idsOf = (ids: readonly string[] | null | undefined, field: string): string[] =>
  (ids ?? []).slice(0, rule.MOST_NAMED + 1).map((id) => requireId(id, field));
