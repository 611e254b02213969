/** A complaint of an earlier system: its dates, run through the same rules as if it had happened here. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import type { ComplaintClass } from './complaint.figures.js';
import { type Complaint, type ComplaintEvent, forward, type Rules, receive, reject, resolve } from './complaint.js';
import { type Officer, requireTriage } from './officer.js';

export interface History {
  readonly receivedAt: Date;
  readonly class: ComplaintClass | null;
  readonly forwardedAt: Date | null;
  readonly named: readonly string[];
  readonly handlerId: string | null;
  readonly resolvedAt: Date | null;
  readonly rejectedAt: Date | null;
}

type About = Parameters<typeof receive>[0];

/** Whoever moved it along there is not known here. */
const EARLIER: Officer = { employeeId: null, inside: false };

/**
 * Where the complaint stands after its history, and everything that happened. Whoever enters it sets its class and its
 * end, so what holds for one who verifies holds for them.
 * @throws DECIDED_OUTSIDE_UNIT, COMPLAINT_NAMES_HANDLER for the importer;
 *   DATE_IN_FUTURE, DATES_OUT_OF_ORDER, FORWARDING_INCOMPLETE, RESOLUTION_INCOMPLETE, ENDED_TWICE with the field;
 *   and as the rules do
 */
export function replay(
  about: About,
  history: History,
  importer: Officer,
  rules: Rules,
  now: Date,
): Decision<Complaint, ComplaintEvent> {
  requireTriage(history, importer);
  requireSense(history, now);
  const { receivedAt, class: given, forwardedAt, named, handlerId, resolvedAt, rejectedAt } = history;
  const received = receive(about, rules, receivedAt);
  let state: Complaint = received.state;
  const events: ComplaintEvent[] = [...received.events];
  const take = (step: Decision<Complaint, ComplaintEvent>) => {
    state = step.state;
    events.push(...step.events);
  };
  if (given && forwardedAt) take(forward(state, { class: given, named }, EARLIER, rules, forwardedAt));
  if (handlerId && resolvedAt) take(resolve(state, handlerId, EARLIER, rules, resolvedAt));
  if (rejectedAt) take(reject(state, EARLIER, rejectedAt));
  return { state, events };
}

/** Whether a history says nothing that is not so of a complaint that is here, which may have gone on since. */
export function isHistoryOf(complaint: Complaint, history: History): boolean {
  if (!same(history.receivedAt, complaint.receivedAt)) return false;
  if (complaint.status === 'REJECTED')
    return history.resolvedAt === null && holds(history.rejectedAt, complaint.rejectedAt);
  if (history.rejectedAt) return false;
  if (complaint.status === 'RECEIVED') return history.forwardedAt === null;
  const forwarded = holds(history.forwardedAt, complaint.forwardedAt) && holds(history.class, complaint.class);
  if (!forwarded || complaint.status === 'FORWARDED') return forwarded && history.resolvedAt === null;
  // Once it was reopened and finished again, its first end is no longer known.
  return holds(history.handlerId, complaint.handlerId) && holds(history.resolvedAt, complaint.resolvedAt);
}

const same = (a: unknown, b: unknown): boolean =>
  a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b;
const holds = (said: unknown, is: unknown): boolean => said === null || same(said, is);

function requireSense(history: History, now: Date): void {
  const { receivedAt, forwardedAt, resolvedAt, rejectedAt } = history;
  if ((history.class === null) !== (forwardedAt === null)) {
    throw refuse('FORWARDING_INCOMPLETE', 'Give class and forwardedAt together.', 'class');
  }
  if ((history.handlerId === null) !== (resolvedAt === null)) {
    throw refuse('RESOLUTION_INCOMPLETE', 'Give handlerId and resolvedAt together.', 'handlerId');
  }
  if (resolvedAt && !forwardedAt)
    throw refuse('FORWARDING_INCOMPLETE', 'What was finished was forwarded before.', 'forwardedAt');
  if (resolvedAt && rejectedAt)
    throw refuse('ENDED_TWICE', 'A complaint is finished or turned away, not both.', 'rejectedAt');
  const steps = Object.entries({ receivedAt, forwardedAt, resolvedAt, rejectedAt }).flatMap(([field, at]) =>
    at ? [{ field, at }] : [],
  );
  for (const [i, { field, at }] of steps.entries()) {
    if (at > now) throw refuse('DATE_IN_FUTURE', 'This has not come yet.', field);
    if (i > 0 && at < steps[i - 1]!.at)
      throw refuse('DATES_OUT_OF_ORDER', `${field} lies before what came first.`, field);
  }
}

const refuse = (code: string, message: string, field: string) => new DomainError(code, message, { field });
