/** Days as the agency counts them: `YYYY-MM-DD`, without a time, compared as text. */
import { DomainError } from '@merit/chassis/errors';

export type LocalDate = string;

/** From the first day to the last, both included; open while there is no last day. */
export interface Interval {
  readonly validFrom: LocalDate;
  readonly validTo: LocalDate | null;
}

/** Whether the text is a day that the calendar has: 2026-02-30 is none. */
export function isLocalDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/**
 * The day, if there is one.
 * @throws DATE_INVALID with the input's `field`
 */
export function requireDate(text: string, field: string): LocalDate {
  if (isLocalDate(text)) return text;
  throw new DomainError('DATE_INVALID', 'Give a day that the calendar has, written YYYY-MM-DD.', { field });
}

/** The day that it is in a time zone, for days begin where the agency is. */
export function todayIn(timeZone: string, now: Date): LocalDate {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);
}

/** The day so many days later, or earlier when `days` is negative. */
export function addDays(date: LocalDate, days: number): LocalDate {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

export function holdsAt({ validFrom, validTo }: Interval, date: LocalDate): boolean {
  return validFrom <= date && (validTo === null || date <= validTo);
}

export function overlap(a: Interval, b: Interval): boolean {
  return (a.validTo === null || b.validFrom <= a.validTo) && (b.validTo === null || a.validFrom <= b.validTo);
}

/**
 * An interval whose end does not lie before its beginning.
 * @throws INTERVAL_REVERSED with the field of the last day
 */
export function requireInterval(validFrom: LocalDate, validTo: LocalDate | null, field = 'validTo'): Interval {
  if (validTo !== null && validTo < validFrom) {
    throw new DomainError('INTERVAL_REVERSED', 'The last day lies before the first. Change one of them.', { field });
  }
  return { validFrom, validTo };
}
