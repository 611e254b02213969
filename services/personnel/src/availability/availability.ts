/** Days on which a person is away. Why stays here, for the kind of leave may tell of illness; only days go out. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import { addDays, type LocalDate } from '@merit/chassis/local-date';
import { type Interval, overlap, requireInterval } from '../interval.js';

/** Kinds of leave (cuti) of PP 11/2017 Pasal 310, and study leave. */
const LEAVE_KINDS = [
  'CUTI_TAHUNAN',
  'CUTI_BESAR',
  'CUTI_SAKIT',
  'CUTI_MELAHIRKAN',
  'CUTI_ALASAN_PENTING',
  'CUTI_BERSAMA',
  'CUTI_DI_LUAR_TANGGUNGAN_NEGARA',
  'TUGAS_BELAJAR',
] as const;
export type LeaveKind = (typeof LEAVE_KINDS)[number];

export interface Availability {
  readonly id: string;
  readonly employeeId: string;
  readonly awayFrom: LocalDate;
  readonly awayTo: LocalDate;
  readonly kind: LeaveKind;
  readonly recordedAt: Date;
  readonly cancelledAt: Date | null;
}
export type AvailabilityEvent = { readonly type: 'AvailabilityRecorded'; readonly availability: Availability };

/** Longest absence that is recorded at once: ten years, so that a slip of the pen in a year is noticed. Days. */
const LONGEST = 3653;

/**
 * Records days away.
 * @param service when the person works for the agency
 * @throws INTERVAL_REVERSED, AWAY_TOO_LONG on `awayTo`; NOT_EMPLOYED, AWAY_OVERLAPS on `awayFrom`
 */
export function recordAvailability(
  input: Omit<Availability, 'cancelledAt'>,
  service: Interval,
  others: readonly Availability[],
): Decision<Availability, AvailabilityEvent> {
  const availability = { ...input, cancelledAt: null };
  requireInterval(input.awayFrom, input.awayTo, 'awayTo');
  if (input.awayTo > addDays(input.awayFrom, LONGEST)) {
    throw new DomainError('AWAY_TOO_LONG', 'That is longer than ten years. Check the days.', { field: 'awayTo' });
  }
  if (input.awayFrom < service.validFrom || (service.validTo !== null && input.awayTo > service.validTo)) {
    throw new DomainError('NOT_EMPLOYED', 'The person does not work here on all those days. Check them.', {
      field: 'awayFrom',
    });
  }
  if (others.some((other) => !other.cancelledAt && overlap(daysOf(other), daysOf(availability)))) {
    throw new DomainError('AWAY_OVERLAPS', 'The person is recorded as away on some of those days. Cancel that first.', {
      field: 'awayFrom',
    });
  }
  return { state: availability, events: [{ type: 'AvailabilityRecorded', availability }] };
}

/**
 * Takes days away back.
 * @throws AVAILABILITY_CANCELLED
 */
export function cancelAvailability(availability: Availability, now: Date): Decision<Availability, AvailabilityEvent> {
  if (availability.cancelledAt) {
    throw new DomainError('AVAILABILITY_CANCELLED', 'This was cancelled already.');
  }
  const state = { ...availability, cancelledAt: now };
  return { state, events: [{ type: 'AvailabilityRecorded', availability: state }] };
}

const daysOf = ({ awayFrom, awayTo }: Availability): Interval => ({ validFrom: awayFrom, validTo: awayTo });
