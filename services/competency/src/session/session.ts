/** When and for how many a course is held. */
import { DomainError, requireText } from '@merit/chassis/errors';
import { daysFrom, type LocalDate, requireDate } from '@merit/chassis/local-date';
import { requireHours } from '../course/course.js';

export interface Session {
  readonly id: string;
  readonly courseId: string;
  /** Unique in the course. */
  readonly code: string;
  readonly startsOn: LocalDate;
  readonly endsOn: LocalDate;
  /** Minutes after midnight between which it meets on each day, if that is known. */
  readonly meets: { readonly from: number; readonly to: number } | null;
  /** How many may take part. */
  readonly quota: number;
  /** The most hours (JP) that one certificate of this session may carry. */
  readonly maxHours: number;
}

export interface SessionInput {
  readonly code: string;
  readonly startsOn: string;
  readonly endsOn: string;
  readonly meetsFrom?: string | null | undefined;
  readonly meetsTo?: string | null | undefined;
  readonly quota: number;
  readonly maxHours?: number | null | undefined;
}

const LARGEST_QUOTA = 100_000;
/** Hours are spread over days, and nobody's training is spread over more than a year of them. */
const MOST_DAYS = 366;
/** Nobody who was in service before then still is. */
const EARLIEST: LocalDate = '1970-01-01';

/**
 * A session of a course.
 * @param courseHours learning hours of the course: no session gives more
 * @throws TEXT_*, DATE_INVALID, DATE_TOO_EARLY, ENDS_BEFORE_START, TRAINING_TOO_LONG, TIME_INVALID, QUOTA_OUT_OF_RANGE,
 *   HOURS_OUT_OF_RANGE with the field
 */
export function planSession(
  input: SessionInput,
  courseHours: number,
  { id, courseId }: Pick<Session, 'id' | 'courseId'>,
): Session {
  if (!Number.isInteger(input.quota) || input.quota < 1 || input.quota > LARGEST_QUOTA) {
    throw new DomainError('QUOTA_OUT_OF_RANGE', `The quota must be a whole number from 1 to ${LARGEST_QUOTA}.`, {
      field: 'quota',
      max: LARGEST_QUOTA,
    });
  }
  return {
    id,
    courseId,
    code: requireText(input.code, 'code', { max: 50 }),
    ...requireDays(input.startsOn, input.endsOn),
    meets: meetingOf(input.meetsFrom ?? null, input.meetsTo ?? null),
    quota: input.quota,
    maxHours: requireHours(input.maxHours ?? courseHours, courseHours, 'maxHours'),
  };
}

/**
 * The days of a training, first and last.
 * @throws DATE_INVALID, DATE_TOO_EARLY, ENDS_BEFORE_START, TRAINING_TOO_LONG with the field
 */
export function requireDays(first: string, last: string): Pick<Session, 'startsOn' | 'endsOn'> {
  const startsOn = requireDate(first, 'startsOn');
  const endsOn = requireDate(last, 'endsOn');
  if (startsOn < EARLIEST) {
    throw new DomainError('DATE_TOO_EARLY', `The first day lies before ${EARLIEST}.`, { field: 'startsOn' });
  }
  if (endsOn < startsOn) {
    throw new DomainError('ENDS_BEFORE_START', 'The last day lies before the first.', { field: 'endsOn' });
  }
  if (daysFrom(startsOn, endsOn) > MOST_DAYS) {
    throw new DomainError(
      'TRAINING_TOO_LONG',
      `A training has at most ${MOST_DAYS} days. Enter a longer one year by year.`,
      {
        field: 'endsOn',
        max: MOST_DAYS,
      },
    );
  }
  return { startsOn, endsOn };
}

function meetingOf(from: string | null, to: string | null): Session['meets'] {
  if (from === null && to === null) return null;
  const meets = { from: minutesOf(from, 'meetsFrom'), to: minutesOf(to, 'meetsTo') };
  if (meets.from < meets.to) return meets;
  throw new DomainError('TIME_INVALID', 'The session must end after it begins, on the same day.', { field: 'meetsTo' });
}

function minutesOf(time: string | null, field: string): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time ?? '') ?? [];
  if (hours !== undefined) return Number(hours) * 60 + Number(minutes);
  throw new DomainError('TIME_INVALID', 'Give both times of day, written HH:MM, or neither.', { field });
}

/** Minutes after midnight as HH:MM. */
export const timeOf = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
