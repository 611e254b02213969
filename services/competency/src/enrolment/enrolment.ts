/**
 * A person's place in a training, from enrolment to result.
 *
 * Pure: the clock, ids and zones come in as arguments, events go out as return values. What the hours are worth is
 * decided elsewhere (`../hours`).
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import type { Session } from '../session/session.js';
import { completionDay, type Moment, type Result, requireResult, sameResult } from './result.js';

export interface Place {
  readonly id: string;
  readonly employeeId: string;
  readonly courseId: string;
  /** None for a training that was entered when it was over, without naming a session. */
  readonly sessionId: string | null;
  readonly enrolledAt: Date;
  /** +1 with each change. */
  readonly version: number;
}
/** The event that last set the result. */
interface Said {
  readonly eventId: string;
}

export type Enrolled = Place & { readonly status: 'ENROLLED'; readonly sessionId: string };
export type Withdrawn = Place & { readonly status: 'WITHDRAWN'; readonly reason: string };
export type Completed = Place & Result & Said & { readonly status: 'COMPLETED' };
export type Revoked = Place & Result & Said & { readonly status: 'REVOKED'; readonly reason: string };
export type Enrolment = Enrolled | Withdrawn | Completed | Revoked;

export type EnrolmentEvent =
  | { readonly type: 'TrainingCompleted'; readonly enrolment: Completed }
  | {
      readonly type: 'TrainingCorrected';
      readonly enrolment: Completed;
      readonly before: Completed;
      readonly reason: string;
    }
  | { readonly type: 'TrainingRevoked'; readonly enrolment: Revoked; readonly before: Completed };

/** The id of the event that a decision brings about, if it does; for it is noted in the enrolment. */
export interface Recording extends Moment {
  readonly eventId: string;
}

/**
 * Takes a place in a session.
 * @param taken places taken so far, completed ones included
 * @param late whether someone may be entered after the last day, as the personnel office does from a paper list
 * @throws SESSION_OVER, SESSION_FULL
 */
export function enrol(
  person: Pick<Place, 'id' | 'employeeId' | 'enrolledAt'>,
  session: Session,
  { taken, late, today }: { readonly taken: number; readonly late: boolean; readonly today: LocalDate },
): Enrolled {
  if (session.endsOn < today && !late) {
    throw new DomainError('SESSION_OVER', 'This session is over. Ask the personnel office to enter you.', {
      endsOn: session.endsOn,
    });
  }
  if (taken >= session.quota) {
    throw new DomainError('SESSION_FULL', 'All places of this session are taken. Choose another session.', {
      quota: session.quota,
    });
  }
  return { ...person, courseId: session.courseId, sessionId: session.id, status: 'ENROLLED', version: 1 };
}

/**
 * Gives the place back.
 * @throws ENROLMENT_NOT_OPEN, TEXT_*
 */
export function withdraw(enrolment: Enrolment, reason: string): Withdrawn {
  const open = requireOpen(enrolment);
  return { ...open, status: 'WITHDRAWN', reason: requireReason(reason), version: open.version + 1 };
}

/**
 * Records the result of a training. Its days are the session's, up to the one on which the person was done.
 * @throws ENROLMENT_NOT_OPEN and what `requireResult` throws
 */
export function complete(
  enrolment: Enrolment,
  session: Session,
  result: Omit<Result, 'startsOn' | 'endsOn'>,
  at: Recording,
): Decision<Completed, EnrolmentEvent> {
  const open = requireOpen(enrolment);
  const doneOn = completionDay(result.completedAt, at);
  const endsOn = session.startsOn <= doneOn && doneOn < session.endsOn ? doneOn : session.endsOn;
  const days = { startsOn: session.startsOn, endsOn };
  return completed(open, requireResult({ ...result, ...days }, session.maxHours, at), at);
}

/**
 * Records a training that is over, from a list.
 * @param place an open enrolment in the session, or a new place
 * @param session the session named, within whose days the training lies
 * @param maxHours the session's, else the course's
 * @throws ENROLMENT_NOT_OPEN, DATES_OUTSIDE_SESSION and what `requireResult` throws
 */
export function enter(
  place: Enrolment | (Place & { readonly status: 'NEW' }),
  { session, maxHours }: { readonly session: Session | null; readonly maxHours: number },
  result: Result,
  at: Recording,
): Decision<Completed, EnrolmentEvent> {
  const open = place.status === 'NEW' ? place : requireOpen(place);
  const checked = requireResult(result, maxHours, at);
  if (session && (checked.startsOn < session.startsOn || session.endsOn < checked.endsOn)) {
    throw new DomainError('DATES_OUTSIDE_SESSION', `The session runs from ${session.startsOn} to ${session.endsOn}.`, {
      field: checked.startsOn < session.startsOn ? 'startsOn' : 'endsOn',
    });
  }
  return completed(open, checked, at);
}

function completed(place: Place, result: Result, { eventId }: Recording): Decision<Completed, EnrolmentEvent> {
  const state: Completed = { ...place, ...result, status: 'COMPLETED', eventId, version: place.version + 1 };
  return { state, events: [{ type: 'TrainingCompleted', enrolment: state }] };
}

/**
 * Puts a result right; what `changes` does not name stays.
 * @throws ENROLMENT_NOT_COMPLETED, NOTHING_TO_CORRECT, TEXT_* and what `requireResult` throws
 */
export function correct(
  enrolment: Enrolment,
  {
    changes,
    reason,
    maxHours,
  }: { readonly changes: Partial<Result>; readonly reason: string; readonly maxHours: number },
  at: Recording,
): Decision<Completed, EnrolmentEvent> {
  const before = requireCompleted(enrolment);
  const why = requireReason(reason);
  const result = requireResult({ ...before, ...changes }, maxHours, at);
  if (sameResult(before, result)) {
    throw new DomainError('NOTHING_TO_CORRECT', 'The record says this already. Give what is different.');
  }
  const state: Completed = { ...before, ...result, eventId: at.eventId, version: before.version + 1 };
  return { state, events: [{ type: 'TrainingCorrected', enrolment: state, before, reason: why }] };
}

/**
 * Takes a result back, for example a certificate that proves false. What counts is then as if it had never been.
 * @throws ENROLMENT_NOT_COMPLETED, TEXT_*
 */
export function revoke(enrolment: Enrolment, reason: string, eventId: string): Decision<Revoked, EnrolmentEvent> {
  const before = requireCompleted(enrolment);
  const why = requireReason(reason);
  const state: Revoked = { ...before, status: 'REVOKED', reason: why, eventId, version: before.version + 1 };
  return { state, events: [{ type: 'TrainingRevoked', enrolment: state, before }] };
}

/**
 * Nobody decides what their own training was worth.
 * @throws OWN_RECORD
 */
export function requireOther(actorId: string | null, employeeId: string): void {
  if (actorId !== employeeId) return;
  throw new DomainError(
    'OWN_RECORD',
    'Nobody enters results on their own record. Ask a colleague of the personnel office.',
  );
}

/**
 * Whether the enrolment is still as its editor saw it.
 * @throws CONFLICT
 */
export function requireVersion({ version }: Place, expected: number | null): void {
  if (expected === null || expected === version) return;
  throw new DomainError('CONFLICT', 'Someone else changed this record. Read it again, then decide.', { version });
}

/** @throws ENROLMENT_NOT_OPEN */
export function requireOpen(enrolment: Enrolment): Enrolled {
  if (enrolment.status === 'ENROLLED') return enrolment;
  throw new DomainError('ENROLMENT_NOT_OPEN', `This enrolment is already ${enrolment.status.toLowerCase()}.`, {
    status: enrolment.status,
  });
}

function requireCompleted(enrolment: Enrolment): Completed {
  if (enrolment.status === 'COMPLETED') return enrolment;
  throw new DomainError(
    'ENROLMENT_NOT_COMPLETED',
    `Only a completed training can be corrected or revoked; this one is ${enrolment.status.toLowerCase()}.`,
    { status: enrolment.status },
  );
}

const requireReason = (reason: string): string => requireText(reason, 'reason', { max: 1000, lines: true });
