/** SELF, SUPERVISOR and HR: a place in a session is taken and given back. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireId } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import { demand, demandOf, judge } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { about, SEES_ENROLMENTS, within } from '../actor.js';
import { lockSession, placesTaken, requireSession } from '../session/session.table.js';
import { timeZoneOf } from '../time-zone.table.js';
import * as rule from './enrolment.js';
import { enrolmentNotFound, frameOf, hasPlace, lockEnrolment, saveEnrolments } from './enrolment.table.js';

const WHO = ['SELF', 'SUPERVISOR', 'HR'] as const;

export interface Enrol {
  readonly sessionId: string;
  readonly employeeId: string;
}
export interface WithdrawEnrolment {
  readonly enrolmentId: string;
  readonly reason: string;
}

/** After the last day HR alone. @throws SESSION_NOT_FOUND, FORBIDDEN, ALREADY_ENROLLED, SESSION_OVER, SESSION_FULL */
export async function enrol(tx: EntityManager, context: ServiceContext, command: Enrol) {
  const employeeId = requireId(command.employeeId, 'employeeId');
  const { session, agencyId } = await requireSession(tx, requireId(command.sessionId, 'sessionId'));
  const inside = within(context, tx);
  const concerned = about({ employeeId, agencyId });
  await demand(inside, WHO, concerned);
  await lockSession(tx, session.id);
  if (await hasPlace(tx, session.id, employeeId)) {
    throw new DomainError('ALREADY_ENROLLED', 'This person has a place in this session already.', {
      field: 'employeeId',
    });
  }
  const today = localDateAt(context.now(), await timeZoneOf(tx, agencyId));
  const late = session.endsOn < today && (await judge(inside, ['HR'], concerned));
  const taken = await placesTaken(tx, session.id);
  const person = { id: context.newId(), employeeId, enrolledAt: context.now() };
  await saveEnrolments(tx, [rule.enrol(person, session, { taken, late, today })]);
  return { enrolmentId: person.id };
}

/** @throws ENROLMENT_NOT_FOUND, FORBIDDEN, and as the rule */
export async function withdrawEnrolment(tx: EntityManager, context: ServiceContext, command: WithdrawEnrolment) {
  const enrolmentId = requireId(command.enrolmentId, 'enrolmentId');
  const known = { seenBy: SEES_ENROLMENTS, unknown: enrolmentNotFound };
  await demandOf(within(context, tx), WHO, about(await frameOf(tx, enrolmentId)), known);
  await saveEnrolments(tx, [rule.withdraw(await lockEnrolment(tx, enrolmentId), command.reason)]);
  return { enrolmentId };
}
