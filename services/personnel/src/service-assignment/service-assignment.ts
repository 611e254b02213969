/** Who serves which public service, and when: the public's satisfaction with it is then theirs too. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import { addDays, type LocalDate } from '@merit/chassis/local-date';
import { type Interval, overlap, requireInterval } from '../interval.js';

export interface ServiceAssignment extends Interval {
  readonly id: string;
  readonly employeeId: string;
  /** A public service, which lives in feedback: its id is taken as it is, for it may not be known here. */
  readonly serviceId: string;
}
export type ServiceAssignmentEvent =
  | { readonly type: 'ServiceAssigned'; readonly served: ServiceAssignment }
  | { readonly type: 'ServiceEnded'; readonly served: ServiceAssignment & { validTo: LocalDate } };

/**
 * Puts a person to serve a service.
 * @param service when the person works for the agency
 * @throws INTERVAL_REVERSED; NOT_EMPLOYED, SERVICE_ASSIGNMENT_OVERLAPS on `validFrom`
 */
export function assignService(
  input: ServiceAssignment,
  service: Interval,
  others: readonly ServiceAssignment[],
): Decision<ServiceAssignment, ServiceAssignmentEvent> {
  const served = { ...input, ...requireInterval(input.validFrom, input.validTo) };
  const endsLate = service.validTo !== null && (served.validTo === null || served.validTo > service.validTo);
  if (served.validFrom < service.validFrom || endsLate) {
    throw new DomainError('NOT_EMPLOYED', 'The person does not work here all that time. Check the days.', {
      field: 'validFrom',
    });
  }
  if (others.some((other) => other.serviceId === served.serviceId && !isVoid(other) && overlap(other, served))) {
    throw new DomainError('SERVICE_ASSIGNMENT_OVERLAPS', 'The person serves this service in that time already.', {
      field: 'validFrom',
    });
  }
  return { state: served, events: [{ type: 'ServiceAssigned', served }] };
}

/**
 * Ends a service assignment, earlier than was known so far. By a day before its first, the person never served.
 * @throws SERVICE_ASSIGNMENT_ENDED on `validTo`
 */
export function endService(
  served: ServiceAssignment,
  lastDay: LocalDate,
): Decision<ServiceAssignment, ServiceAssignmentEvent> {
  if (served.validTo !== null && lastDay >= served.validTo) {
    throw new DomainError('SERVICE_ASSIGNMENT_ENDED', 'The assignment ends by that day already.', { field: 'validTo' });
  }
  const never = addDays(served.validFrom, -1);
  const state = { ...served, validTo: lastDay < never ? never : lastDay };
  return { state, events: [{ type: 'ServiceEnded', served: state }] };
}

/** Ends all that a person still serves, or would, after a last day, for they leave the agency or the service. */
export function endServices(
  all: readonly ServiceAssignment[],
  lastDay: LocalDate,
): Decision<ServiceAssignment[], ServiceAssignmentEvent> {
  const open = all.filter((served) => (served.validTo === null || served.validTo > lastDay) && !isVoid(served));
  const ended = open.map((served) => endService(served, lastDay));
  return { state: ended.map(({ state }) => state), events: ended.flatMap(({ events }) => events) };
}

const isVoid = ({ validFrom, validTo }: ServiceAssignment) => validTo !== null && validTo < validFrom;
