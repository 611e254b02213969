/** The days during which something holds. */
import { DomainError } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';

/** From the first day to the last, both included; open while there is no last day. */
export interface Interval {
  readonly validFrom: LocalDate;
  readonly validTo: LocalDate | null;
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
