/**
 * A complaint (pengaduan) about a public service, from receipt to its end.
 *
 * Pure. What was written in it is no concern of these rules, and who wrote it even less.
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import type { Calendar } from '../calendar/calendar.js';
import { type Clock, limitAfter, resume, start, stop } from './clock.js';
import { type ComplaintClass, type ComplaintFigures, figuresOn, type Limit } from './complaint.figures.js';
import { type Officer, requireFew, requireNotNamed, requireTriage } from './officer.js';

interface About {
  readonly id: string;
  readonly serviceId: string;
  /** The unit that gives the service. */
  readonly unitId: string;
  readonly agencyId: string;
  readonly receivedAt: Date;
  /** The last moment at which forwarding or rejecting it is in time. */
  readonly verifyBy: Date;
  /** Employees whom the text names, known once it is verified: it is never routed to them. */
  readonly named: readonly string[];
}
interface WithUnit {
  /** Set outside the unit. */
  readonly class: ComplaintClass;
  readonly forwardedAt: Date;
  readonly clock: Clock;
  /** Whether it was said that the limit passed while it was open. */
  readonly deadlinePassed: boolean;
}
interface Ended {
  readonly handlerId: string;
  readonly resolvedAt: Date;
  readonly inTime: boolean;
}

export type Received = About & { readonly status: 'RECEIVED' };
export type Forwarded = About & WithUnit & { readonly status: 'FORWARDED' };
export type Resolved = About & WithUnit & Ended & { readonly status: 'RESOLVED' };
/** Its first end stays on record. */
export type Reopened = About & WithUnit & Ended & { readonly status: 'REOPENED'; readonly reopenedAt: Date };
export type Rejected = About & { readonly status: 'REJECTED'; readonly rejectedAt: Date };
export type Complaint = Received | Forwarded | Resolved | Reopened | Rejected;
/** Those whose clock runs. */
export type Open = Forwarded | Reopened;

export type ComplaintEvent =
  | { readonly type: 'ComplaintReceived'; readonly complaint: Received; readonly at: Date }
  | { readonly type: 'ComplaintForwarded'; readonly complaint: Forwarded; readonly at: Date }
  | { readonly type: 'ComplaintResolved'; readonly complaint: Resolved; readonly at: Date }
  | { readonly type: 'ComplaintReopened'; readonly complaint: Reopened; readonly at: Date }
  | { readonly type: 'ComplaintDeadlinePassed'; readonly complaint: Open; readonly at: Date }
  | { readonly type: 'ComplaintRejected'; readonly complaint: Rejected; readonly at: Date }
  | { readonly type: 'ComplaintPublished'; readonly complaint: Complaint; readonly at: Date };

/** The rule book: figures by date, and the calendar of the complaint's agency. */
export interface Rules {
  readonly figures: readonly ComplaintFigures[];
  readonly calendar: Calendar;
}

/** Whether it is with the unit, so that its clock runs. */
export const isOpen = (complaint: Complaint): complaint is Open =>
  complaint.status === 'FORWARDED' || complaint.status === 'REOPENED';

/** Takes a complaint in: the time to verify it runs. */
export function receive(
  about: Omit<About, 'verifyBy' | 'receivedAt' | 'named'>,
  rules: Rules,
  now: Date,
): Decision<Received, ComplaintEvent> {
  const { verify } = rulesOn(rules, now);
  const verifyBy = limitAfter(rules.calendar, verify, now);
  const received: Received = { ...about, status: 'RECEIVED', receivedAt: now, verifyBy, named: [] };
  return { state: received, events: [{ type: 'ComplaintReceived', complaint: received, at: now }] };
}

export interface Forwarding {
  readonly class: ComplaintClass;
  readonly named: readonly string[];
}

/**
 * Verified: gives it a class and hands it to the unit, whose clock starts.
 * The class sets the unit's limit, so nobody of the unit sets it.
 * @throws COMPLAINT_NOT_OPEN, DECIDED_OUTSIDE_UNIT, COMPLAINT_NAMES_HANDLER, TOO_MANY_NAMED
 */
export function forward(
  complaint: Complaint,
  forwarding: Forwarding,
  officer: Officer,
  rules: Rules,
  now: Date,
): Decision<Forwarded, ComplaintEvent> {
  if (complaint.status !== 'RECEIVED') throw notOpen(complaint);
  requireTriage(complaint, officer);
  const named = requireFew(forwarding.named);
  requireNotNamed(named, officer.employeeId);
  const { class: given } = forwarding;
  const limit = rulesOn(rules, now).finish[given];
  const clock = start(rules.calendar, limit, now);
  const ran = { class: given, forwardedAt: now, clock, deadlinePassed: false };
  const state: Forwarded = { ...complaint, ...ran, status: 'FORWARDED', named };
  return { state, events: [{ type: 'ComplaintForwarded', complaint: state, at: now }] };
}

/**
 * Finished by its handler: the clock stops.
 * @throws COMPLAINT_NOT_OPEN, COMPLAINT_NAMES_HANDLER
 */
export function resolve(
  complaint: Complaint,
  handlerId: string,
  officer: Officer,
  rules: Rules,
  now: Date,
): Decision<Resolved, ComplaintEvent> {
  if (!isOpen(complaint)) throw notOpen(complaint);
  requireNotNamed(complaint.named, officer.employeeId);
  requireNotNamed(complaint.named, handlerId);
  const clock = stop(complaint.clock, rules.calendar, limitOf(complaint, rules), now);
  const { reopenedAt: _, ...open } = complaint as Reopened;
  const state: Resolved = {
    ...open,
    status: 'RESOLVED',
    handlerId,
    resolvedAt: now,
    inTime: now <= complaint.clock.dueAt,
    clock,
  };
  return { state, events: [{ type: 'ComplaintResolved', complaint: state, at: now }] };
}

/**
 * Not finished after all: the first clock runs on. An officer may say so at any time, the one who complained within the
 * window.
 * @param officer null for the one who complained
 * @throws COMPLAINT_NOT_RESOLVED, REOPENING_TOO_LATE, COMPLAINT_NAMES_HANDLER
 */
export function reopen(
  complaint: Complaint,
  officer: Officer | null,
  rules: Rules,
  now: Date,
): Decision<Reopened, ComplaintEvent> {
  if (complaint.status !== 'RESOLVED') {
    throw new DomainError('COMPLAINT_NOT_RESOLVED', 'Only a complaint that was finished can be reopened.', {
      status: complaint.status,
    });
  }
  if (officer) requireNotNamed(complaint.named, officer.employeeId);
  else requireWithinWindow(complaint, rules, now);
  const clock = resume(complaint.clock, complaint.inTime, rules.calendar, limitOf(complaint, rules), now);
  const state: Reopened = { ...complaint, status: 'REOPENED', reopenedAt: now, clock };
  return { state, events: [{ type: 'ComplaintReopened', complaint: state, at: now }] };
}

/** The last moment at which the one who complained may reopen it. */
export const reopenableUntil = ({ resolvedAt }: Ended, rules: Rules): Date =>
  limitAfter(rules.calendar, rulesOn(rules, resolvedAt).reopen, resolvedAt);

function requireWithinWindow(complaint: Resolved, rules: Rules, now: Date): void {
  const until = reopenableUntil(complaint, rules);
  if (now <= until) return;
  throw new DomainError('REOPENING_TOO_LATE', 'The time to reopen this complaint is over. Send a new one.', {
    until: until.toISOString(),
  });
}

/**
 * Not a complaint for this service, or not one at all. Also when the unit says so after it was forwarded, but decided
 * outside it.
 * @throws COMPLAINT_NOT_OPEN, DECIDED_OUTSIDE_UNIT, COMPLAINT_NAMES_HANDLER
 */
export function reject(complaint: Complaint, officer: Officer, now: Date): Decision<Rejected, ComplaintEvent> {
  if (complaint.status !== 'RECEIVED' && complaint.status !== 'FORWARDED') throw notOpen(complaint);
  requireTriage(complaint, officer);
  const state: Rejected = { ...aboutOf(complaint), status: 'REJECTED', rejectedAt: now };
  return { state, events: [{ type: 'ComplaintRejected', complaint: state, at: now }] };
}

/** The figures of a moment's day. */
export const rulesOn = ({ figures, calendar }: Rules, at: Date): ComplaintFigures =>
  figuresOn(figures, localDateAt(at, calendar.zone));

/** The limit of the day on which it was forwarded, whatever the law has become since. */
export const limitOf = (complaint: WithUnit, rules: Rules): Limit =>
  rulesOn(rules, complaint.forwardedAt).finish[complaint.class];

function aboutOf({ id, serviceId, unitId, agencyId, receivedAt, verifyBy, named }: About): About {
  return { id, serviceId, unitId, agencyId, receivedAt, verifyBy, named };
}

function notOpen({ status }: Complaint): DomainError {
  return new DomainError('COMPLAINT_NOT_OPEN', `This cannot be done to a complaint that is ${status.toLowerCase()}.`, {
    status,
  });
}
