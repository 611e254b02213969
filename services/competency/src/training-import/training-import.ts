/** A list of trainings that are over, judged row by row against what is there. Pure. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireId } from '@merit/chassis/errors';
import { isLocalDate, type LocalDate, requireDate, startOfDay } from '@merit/chassis/local-date';
import type { Course } from '../course/course.js';
import { certificateKey, plain } from '../enrolment/certificate.js';
import {
  type Completed,
  type Enrolment,
  type EnrolmentEvent,
  enter,
  type Place,
  requireOther,
} from '../enrolment/enrolment.js';
import { type Moment, type Result, requireCertificateNumber, sameResult } from '../enrolment/result.js';
import type { Session } from '../session/session.js';

export interface TrainingRow {
  readonly employeeId: string;
  readonly courseCode: string;
  readonly sessionCode?: string | null | undefined;
  readonly hours: number;
  readonly certificateNumber: string;
  readonly startsOn: string;
  readonly endsOn: string;
  /** A moment, or the agency's day; the last day when it is not given. */
  readonly completedAt?: string | null | undefined;
  readonly verified?: boolean | null | undefined;
}

/** What there is already. What a row adds is noted in it, so that the rows after it meet that too. */
export interface Known {
  readonly courseOf: (code: string) => Course | null;
  readonly sessionOf: (courseId: string, code: string) => Session | null;
  /** Whether the person is known to have been employed by another agency on a day. */
  readonly isElsewhere: (employeeId: string, on: LocalDate) => boolean;
  /** Finished trainings by `certificateKey`. */
  readonly certified: Map<string, Completed>;
  /** Places held in sessions by `placeKey`. */
  readonly places: Map<string, Enrolment>;
  /** Trainings that were revoked, by `revokedKey`. */
  readonly revoked: ReadonlySet<string>;
}

export interface Setting extends Moment {
  readonly newId: () => string;
  /** The employee who imports, if it is one. */
  readonly actor: string | null;
}

export const placeKey = (sessionId: string, employeeId: string): string => `${sessionId} ${employeeId}`;
export const revokedKey = (employeeId: string, courseId: string, number: string): string =>
  `${employeeId} ${courseId} ${plain(number)}`;

export type Entry = Decision<Completed, EnrolmentEvent> & { readonly course: Course };

/**
 * What a row adds; null when it is there already with the same content.
 * @throws INVALID_ID, OWN_RECORD, COURSE_NOT_FOUND, SESSION_NOT_FOUND, EMPLOYEE_ELSEWHERE, CERTIFICATE_USED,
 *   TRAINING_DIFFERS, TRAINING_REVOKED and what `enter` throws, with the row's field
 */
export function judgeTraining(row: TrainingRow, known: Known, setting: Setting): Entry | null {
  const employeeId = requireId(row.employeeId, 'employeeId');
  requireOther(setting.actor, employeeId);
  const { course, session } = places(row, known);
  const maxHours = session?.maxHours ?? course.hours;
  const result = resultOf(row, setting);
  if (known.isElsewhere(employeeId, result.endsOn)) {
    throw new DomainError('EMPLOYEE_ELSEWHERE', 'Another agency employed this person then. It enters this training.', {
      field: 'employeeId',
    });
  }
  const key = certificateKey(course.provider, result.certificateNumber);
  const place = { employeeId, courseId: course.id, sessionId: session?.id ?? null };
  if (isThere(known.certified.get(key) ?? null, place, result)) return null;
  requireNotRevoked(known, place, result);
  const decision = enter(placeOf(place, known, setting), { session, maxHours }, result, {
    ...setting,
    eventId: setting.newId(),
  });
  known.certified.set(key, decision.state);
  if (session) known.places.set(placeKey(session.id, employeeId), decision.state);
  return { ...decision, course };
}

function places({ courseCode, sessionCode }: TrainingRow, known: Known): { course: Course; session: Session | null } {
  const course = known.courseOf(courseCode.trim());
  if (!course) {
    throw new DomainError('COURSE_NOT_FOUND', 'The catalogue has no course with this code. Import courses first.', {
      field: 'courseCode',
    });
  }
  const code = sessionCode?.trim() ?? '';
  const session = code === '' ? null : known.sessionOf(course.id, code);
  if (session || code === '') return { course, session };
  throw new DomainError('SESSION_NOT_FOUND', 'The course has no session with this code.', { field: 'sessionCode' });
}

/** Only what tells the training is checked yet: `enter` checks the result of one that is new. */
function resultOf(row: TrainingRow, { timeZone }: Setting): Result {
  const { hours, startsOn, endsOn } = row;
  const certificateNumber = requireCertificateNumber(row.certificateNumber);
  const doneOn = row.completedAt?.trim() || requireDate(endsOn, 'endsOn');
  const completedAt = isLocalDate(doneOn) ? startOfDay(doneOn, timeZone) : momentOf(doneOn);
  return { hours, certificateNumber, startsOn, endsOn, completedAt, verified: row.verified ?? true };
}

/** A moment with its zone, such as 2026-03-04T10:00:00+07:00; an invalid date, which is refused later, for other text. */
function momentOf(text: string): Date {
  const [, day] = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/.exec(text) ?? [];
  return new Date(day !== undefined && isLocalDate(day) ? text : Number.NaN);
}

type Where = Pick<Place, 'employeeId' | 'courseId' | 'sessionId'>;

/** Whether this very training is there. Another one with its number is an error, and so is another version of it. */
function isThere(found: Completed | null, where: Where, result: Result): boolean {
  if (found === null) return false;
  if (found.employeeId !== where.employeeId || found.courseId !== where.courseId) {
    throw new DomainError('CERTIFICATE_USED', 'This number belongs to another training. Check the number.', {
      field: 'certificateNumber',
    });
  }
  if (found.sessionId === where.sessionId && sameResult(found, result)) return true;
  throw new DomainError(
    'TRAINING_DIFFERS',
    'This training was recorded with other figures. Correct it with correctTraining.',
    {
      field: 'certificateNumber',
    },
  );
}

function requireNotRevoked({ revoked }: Known, { employeeId, courseId }: Where, { certificateNumber }: Result): void {
  if (!revoked.has(revokedKey(employeeId, courseId, certificateNumber))) return;
  throw new DomainError('TRAINING_REVOKED', 'This training was revoked. Take the row out, or enter it by hand.', {
    field: 'certificateNumber',
  });
}

function placeOf(where: Where, { places }: Known, { now, newId }: Setting) {
  const held = where.sessionId === null ? null : places.get(placeKey(where.sessionId, where.employeeId));
  return held ?? { ...where, id: newId(), enrolledAt: now, version: 0, status: 'NEW' as const };
}
