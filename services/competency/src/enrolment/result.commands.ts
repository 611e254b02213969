/** HR, and never on their own record: what came of a training is entered, put right and taken back. */
import type { ServiceContext } from '@merit/chassis/api/context';
import type { Decision } from '@merit/chassis/decision';
import { requireId } from '@merit/chassis/errors';
import { append, byViewer } from '@merit/chassis/out/outbox';
import { demandOf } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { about, actingEmployee, SEES_ENROLMENTS, within } from '../actor.js';
import { recount } from '../hours/ledger.commands.js';
import { spansOf } from '../hours/span.js';
import { requireSession } from '../session/session.table.js';
import { timeZoneOf } from '../time-zone.table.js';
import { claimCertificate, releaseCertificate } from './certificate.table.js';
import { addChange } from './change.table.js';
import { toOutbox } from './enrolment.events.js';
import type { Completed, EnrolmentEvent, Revoked } from './enrolment.js';
import * as rule from './enrolment.js';
import { enrolmentNotFound, type Frame, frameOf, lockEnrolment, saveEnrolments } from './enrolment.table.js';
import type { Result } from './result.js';

export interface CompleteTraining {
  readonly enrolmentId: string;
  readonly hours: number;
  readonly certificateNumber: string;
  readonly completedAt: Date;
  readonly verified?: boolean | null | undefined;
}
/** A field that is absent or null stays as it is. */
export type CorrectTraining = { readonly [K in keyof Result]?: Result[K] | null | undefined } & RevokeTraining;
export interface RevokeTraining {
  readonly enrolmentId: string;
  readonly expectedVersion?: number | null | undefined;
  readonly reason: string;
}

/** @throws ENROLMENT_NOT_FOUND, OWN_RECORD, FORBIDDEN, CERTIFICATE_USED, and as the rule */
export async function completeTraining(tx: EntityManager, context: ServiceContext, command: CompleteTraining) {
  const { enrolment, frame, at } = await openForOffice(tx, context, command.enrolmentId);
  const { session } = await requireSession(tx, rule.requireOpen(enrolment).sessionId);
  const decision = rule.complete(enrolment, session, { ...command, verified: command.verified ?? true }, at);
  await claimCertificate(tx, certificateOf(decision.state, frame));
  return settle(tx, context, frame, decision);
}

/** @throws ENROLMENT_NOT_FOUND, OWN_RECORD, FORBIDDEN, CONFLICT, CERTIFICATE_USED, and as the rule */
export async function correctTraining(tx: EntityManager, context: ServiceContext, command: CorrectTraining) {
  const { enrolment, frame, at } = await openForOffice(tx, context, command.enrolmentId);
  rule.requireVersion(enrolment, command.expectedVersion ?? null);
  const { enrolmentId, expectedVersion, reason, ...fields } = command;
  const changes: Partial<Result> = Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
  const decision = rule.correct(enrolment, { changes, reason, maxHours: frame.maxHours }, at);
  if (changes.certificateNumber !== undefined) {
    await releaseCertificate(tx, enrolment.id);
    await claimCertificate(tx, certificateOf(decision.state, frame));
  }
  return settle(tx, context, frame, decision);
}

/** @throws ENROLMENT_NOT_FOUND, OWN_RECORD, FORBIDDEN, CONFLICT, and as the rule */
export async function revokeTraining(tx: EntityManager, context: ServiceContext, command: RevokeTraining) {
  const { enrolment, frame, at } = await openForOffice(tx, context, command.enrolmentId);
  rule.requireVersion(enrolment, command.expectedVersion ?? null);
  const decision = rule.revoke(enrolment, command.reason, at.eventId);
  await releaseCertificate(tx, enrolment.id);
  return settle(tx, context, frame, decision);
}

/** Judged before the row is locked, so that nobody without a right to it can make others wait. */
async function openForOffice(tx: EntityManager, context: ServiceContext, enrolmentId: string) {
  const id = requireId(enrolmentId, 'enrolmentId');
  const frame = await frameOf(tx, id);
  rule.requireOther(actingEmployee(context), frame.employeeId);
  const known = { seenBy: SEES_ENROLMENTS, unknown: enrolmentNotFound };
  await demandOf(within(context, tx), ['HR'], about(frame), known);
  const enrolment = await lockEnrolment(tx, id);
  const timeZone = await timeZoneOf(tx, frame.agencyId);
  return { enrolment, frame, at: { now: context.now(), timeZone, eventId: context.newId() } };
}

const certificateOf = ({ id, certificateNumber }: Completed, { agencyId, provider }: Frame) => ({
  agencyId,
  provider,
  number: certificateNumber,
  enrolmentId: id,
});

/** Saves the decision, says what happened, and counts the person's hours anew. */
async function settle(
  tx: EntityManager,
  context: ServiceContext,
  { agencyId }: Frame,
  { state, events }: Decision<Completed | Revoked, EnrolmentEvent>,
) {
  const by = byViewer(context);
  const now = by.now();
  await saveEnrolments(tx, [state]);
  for (const event of events) {
    if (event.type !== 'TrainingCompleted') await addChange(tx, event, by.actor, now);
  }
  const messages = events.map((event) => toOutbox(event, agencyId, now));
  await append(tx, messages, by);
  const moved = events.flatMap((event) => ('before' in event ? [event.before, event.enrolment] : [event.enrolment]));
  await recount(tx, by, spansOf(moved));
  return { enrolmentId: state.id };
}
