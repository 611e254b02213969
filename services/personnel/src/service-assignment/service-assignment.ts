/** Who serves which public service, and when: the public's satisfaction with it is then theirs too. */
import { DomainError } from '@merit/chassis/errors';
import type { Decision } from '../decision.js';
import { type Interval, type LocalDate, overlap, requireInterval } from '../local-date.js';

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
  if (others.some((other) => other.serviceId === served.serviceId && overlap(other, served))) {
    throw new DomainError('SERVICE_ASSIGNMENT_OVERLAPS', 'The person serves this service in that time already.', {
      field: 'validFrom',
    });
  }
  return { state: served, events: [{ type: 'ServiceAssigned', served }] };
}

/**
 * Ends a service assignment, earlier than was known so far.
 * @throws SERVICE_ASSIGNMENT_ENDED, SERVICE_ENDS_BEFORE_START on `validTo`
 */
export function endService(
  served: ServiceAssignment,
  lastDay: LocalDate,
): Decision<ServiceAssignment, ServiceAssignmentEvent> {
  if (served.validTo !== null && lastDay >= served.validTo) {
    throw new DomainError('SERVICE_ASSIGNMENT_ENDED', 'The assignment ends by that day already.', { field: 'validTo' });
  }
  if (lastDay < served.validFrom) {
    throw new DomainError('SERVICE_ENDS_BEFORE_START', 'The assignment begins after that day. Choose a later one.', {
      field: 'validTo',
    });
  }
  const state = { ...served, validTo: lastDay };
  return { state, events: [{ type: 'ServiceEnded', served: state }] };
}

/**
 * Ends all that a person still serves after a last day, for they leave the agency or the service.
 * @throws SERVICE_ENDS_BEFORE_START, when one would begin only after that day
 */
export function endServices(
  all: readonly ServiceAssignment[],
  lastDay: LocalDate,
): Decision<ServiceAssignment[], ServiceAssignmentEvent> {
  const open = all.filter(({ validTo }) => validTo === null || validTo > lastDay);
  const ended = open.map((served) => endService(served, lastDay));
  return { state: ended.map(({ state }) => state), events: ended.flatMap(({ events }) => events) };
}
