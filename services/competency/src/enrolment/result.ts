/** What a certificate says of a training, and what cannot be. */
import { DomainError, requireText } from '@merit/chassis/errors';
import { type LocalDate, localDateAt } from '@merit/chassis/local-date';
import { requireHours } from '../course/course.js';
import { requireDays } from '../session/session.js';

export interface Result {
  /** Whole learning hours (JP) on the certificate, 1 JP = 45 minutes. */
  readonly hours: number;
  readonly certificateNumber: string;
  readonly completedAt: Date;
  /** The days over which the hours are spread. */
  readonly startsOn: LocalDate;
  readonly endsOn: LocalDate;
  /** Whether an officer has seen the proof; what is not verified does not count. */
  readonly verified: boolean;
}

/** When something is recorded, and where. */
export interface Moment {
  readonly now: Date;
  /** The zone by which the agency's days begin. */
  readonly timeZone: string;
}

/**
 * A result that can be.
 * @param max the most hours (JP) that the certificate may carry
 * @throws HOURS_OUT_OF_RANGE, TEXT_*, DATE_INVALID, DATE_TOO_EARLY, ENDS_BEFORE_START, TRAINING_TOO_LONG,
 *   COMPLETED_BEFORE_START, COMPLETED_BEFORE_END, COMPLETED_IN_FUTURE with the field
 */
export function requireResult(result: Result, max: number, at: Moment): Result {
  const hours = requireHours(result.hours, max);
  const certificateNumber = requireCertificateNumber(result.certificateNumber);
  const doneOn = completionDay(result.completedAt, at);
  const days = requireDays(result.startsOn, result.endsOn);
  if (doneOn < days.startsOn) throw wrongDay('COMPLETED_BEFORE_START', 'The completion lies before the first day.');
  if (doneOn < days.endsOn) {
    throw wrongDay('COMPLETED_BEFORE_END', 'The completion lies before the last day. Change one of them.');
  }
  return { ...days, hours, certificateNumber, completedAt: result.completedAt, verified: result.verified };
}

/** @throws TEXT_REQUIRED, TEXT_TOO_LONG, TEXT_INVALID */
export const requireCertificateNumber = (text: string): string => requireText(text, 'certificateNumber', { max: 100 });

/**
 * The agency's day on which a training was finished.
 * @throws DATE_INVALID, COMPLETED_IN_FUTURE
 */
export function completionDay(completedAt: Date, { now, timeZone }: Moment): LocalDate {
  if (Number.isNaN(completedAt.getTime())) throw wrongDay('DATE_INVALID', 'Give a moment that the calendar has.');
  if (completedAt > now) throw wrongDay('COMPLETED_IN_FUTURE', 'The completion lies in the future.');
  return localDateAt(completedAt, timeZone);
}

const wrongDay = (code: string, message: string) => new DomainError(code, message, { field: 'completedAt' });

/** Whether two results say the same. */
export const sameResult = (a: Result, b: Result): boolean => contentOf(a) === contentOf(b);
const contentOf = ({ hours, certificateNumber, completedAt, startsOn, endsOn, verified }: Result): string =>
  JSON.stringify([hours, certificateNumber, completedAt, startsOn, endsOn, verified]);
