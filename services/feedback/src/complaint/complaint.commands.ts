/** The only place that takes complaints in and moves them along, one at a time. */
import { randomBytes } from 'node:crypto';
import type { ServiceContext } from '@merit/chassis/api/context';
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireId, requireText } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import { byViewer } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import { calendarsOf, shareCalendars } from '../calendar/calendar.table.js';
import { type By, byPublic, publish } from '../publish.js';
import { publicNumber } from '../secret.js';
import type { PublicService } from '../service/service.js';
import { complaintMessage } from './complaint.events.js';
import { COMPLAINT_FIGURES, type ComplaintClass } from './complaint.figures.js';
import {
  type Complaint,
  type ComplaintEvent,
  forward,
  type Rules,
  receive,
  reject,
  reopen,
  resolve,
} from './complaint.js';
import { insertComplaints, lockComplaint, saveComplaints, saveWords } from './complaint.table.js';
import { type Officer, requireTriage } from './officer.js';
import { requireEmployees } from './officer.table.js';

/** Longest complaint, answer and published text; longest reason. Characters. */
const MOST_TEXT = 10_000;
const MOST_REASON = 2_000;
/** Characters of a tracking id: a million a year for a thousand years leave a guess one in a million. */
const NUMBER_LENGTH = 10;

export interface SubmitComplaint {
  readonly service: PublicService;
  readonly text: string;
  readonly confidential: boolean;
  /** Absent for an anonymous complaint: then nothing is kept of who it was. */
  readonly reporter?: { readonly name: string; readonly contact: string } | null;
}

/** @throws TEXT_REQUIRED, TEXT_TOO_LONG, TEXT_INVALID on `text`, `reporter.name`, `reporter.contact` */
export async function submitComplaint(
  tx: EntityManager,
  context: ServiceContext,
  { service, confidential, reporter, ...given }: SubmitComplaint,
): Promise<{ complaintId: string }> {
  const text = requireText(given.text, 'text', { max: MOST_TEXT, lines: true });
  const rules = await rulesOf(tx, service.agencyId);
  const about = { id: context.newId(), serviceId: service.id, unitId: service.unitId, agencyId: service.agencyId };
  const { state, events } = receive(about, rules, context.now());
  const trackingId = publicNumber(randomBytes(NUMBER_LENGTH));
  await insertComplaints(tx, [{ state, trackingId, reference: null, text, confidential }]);
  if (reporter) await saveReporter(tx, state.id, reporter);
  await publish(tx, byPublic(context), events.map(complaintMessage));
  return { complaintId: state.id };
}

const saveReporter = (tx: EntityManager, id: string, { name, contact }: { name: string; contact: string }) =>
  tx.query('insert into complaint_reporter (complaint_id, name, contact) values ($1, $2, $3)', [
    id,
    requireText(name, 'reporter.name', { max: 200 }),
    requireText(contact, 'reporter.contact', { max: 200 }),
  ]);

export interface ForwardComplaint {
  readonly complaintId: string;
  readonly class: ComplaintClass;
  readonly named: readonly string[];
}

/** @throws EMPLOYEE_NOT_FOUND, INVALID_ID on `named`, and as the rule does */
export function forwardComplaint(
  tx: EntityManager,
  context: ServiceContext,
  officer: Officer,
  command: ForwardComplaint,
) {
  const named = command.named.map((id) => requireId(id, 'named'));
  return moveAlong(tx, context, byViewer(context), command.complaintId, async (complaint, rules, now) => {
    await requireEmployees(tx, named, localDateAt(now, rules.calendar.zone), 'named');
    return forward(complaint, { class: command.class, named }, officer, rules, now);
  });
}

export interface ResolveComplaint {
  readonly complaintId: string;
  readonly answer: string;
  /** The officer who says so, unless told. */
  readonly handlerId?: string | null;
}

/** @throws HANDLER_REQUIRED, EMPLOYEE_NOT_FOUND, INVALID_ID on `handlerId`; TEXT_… on `answer`; and as the rule does */
export function resolveComplaint(
  tx: EntityManager,
  context: ServiceContext,
  officer: Officer,
  command: ResolveComplaint,
) {
  const answer = requireText(command.answer, 'answer', { max: MOST_TEXT, lines: true });
  const handlerId = command.handlerId == null ? officer.employeeId : requireId(command.handlerId, 'handlerId');
  if (handlerId === null) {
    throw new DomainError('HANDLER_REQUIRED', 'Name the employee who handled it.', { field: 'handlerId' });
  }
  return moveAlong(tx, context, byViewer(context), command.complaintId, async (complaint, rules, now) => {
    await requireEmployees(tx, [handlerId], localDateAt(now, rules.calendar.zone), 'handlerId');
    await saveWords(tx, complaint.id, 'answer', answer);
    return resolve(complaint, handlerId, officer, rules, now);
  });
}

/** @param officer null for the one who complained. @throws TEXT_… on `reason`, and as the rule does */
export function reopenComplaint(
  tx: EntityManager,
  context: ServiceContext,
  officer: Officer | null,
  command: { readonly complaintId: string; readonly reason: string },
) {
  const reason = requireText(command.reason, 'reason', { max: MOST_REASON, lines: true });
  const by = officer ? byViewer(context) : byPublic(context);
  return moveAlong(tx, context, by, command.complaintId, async (complaint, rules, now) => {
    await saveWords(tx, complaint.id, 'reason', reason);
    return reopen(complaint, officer, rules, now);
  });
}

/** @throws TEXT_… on `reason`, and as the rule does */
export function rejectComplaint(
  tx: EntityManager,
  context: ServiceContext,
  officer: Officer,
  command: { readonly complaintId: string; readonly reason: string },
) {
  const reason = requireText(command.reason, 'reason', { max: MOST_REASON, lines: true });
  return moveAlong(tx, context, byViewer(context), command.complaintId, async (complaint, _, now) => {
    await saveWords(tx, complaint.id, 'reason', reason);
    return reject(complaint, officer, now);
  });
}

/** Lock, judge, save, say: every move of a complaint looks like this. */
async function moveAlong(
  tx: EntityManager,
  context: ServiceContext,
  by: By,
  complaintId: string,
  decide: (complaint: Complaint, rules: Rules, now: Date) => Promise<Decision<Complaint, ComplaintEvent>>,
): Promise<{ complaintId: string }> {
  await shareCalendars(tx);
  const { state: complaint } = await lockComplaint(tx, complaintId);
  const rules = await rulesOf(tx, complaint.agencyId);
  const { state, events } = await decide(complaint, rules, context.now());
  await saveComplaints(tx, [state]);
  await publish(tx, by, events.map(complaintMessage));
  return { complaintId };
}

async function rulesOf(tx: EntityManager, agencyId: string): Promise<Rules> {
  const calendarOf = await calendarsOf(tx, [agencyId]);
  return { figures: COMPLAINT_FIGURES, calendar: calendarOf(agencyId) };
}

/**
 * Publishes what a complaint says, in words from which names were removed.
 * @throws COMPLAINT_CONFIDENTIAL; DECIDED_OUTSIDE_UNIT; TEXT_… on `text`
 */
export async function publishComplaint(
  tx: EntityManager,
  context: ServiceContext,
  officer: Officer,
  command: { readonly complaintId: string; readonly text: string },
): Promise<{ complaintId: string }> {
  const text = requireText(command.text, 'text', { max: MOST_TEXT, lines: true });
  const { state, confidential } = await lockComplaint(tx, command.complaintId);
  requireTriage(state, officer);
  if (confidential) {
    throw new DomainError('COMPLAINT_CONFIDENTIAL', 'Its sender asked that this complaint is never published.');
  }
  await saveWords(tx, state.id, 'publicText', text);
  const published = complaintMessage({ type: 'ComplaintPublished', complaint: state, at: context.now() });
  await publish(tx, byViewer(context), [published]);
  return { complaintId: state.id };
}

/**
 * Records that someone was shown who complained, before it is shown.
 * @throws DECIDED_OUTSIDE_UNIT; COMPLAINT_NAMES_HANDLER; TEXT_… on `reason`
 */
export async function recordReveal(
  tx: EntityManager,
  context: ServiceContext,
  officer: Officer,
  command: { readonly complaintId: string; readonly reason: string },
): Promise<{ complaintId: string }> {
  const reason = requireText(command.reason, 'reason', { max: MOST_REASON, lines: true });
  const { state } = await lockComplaint(tx, command.complaintId);
  requireTriage(state, officer);
  await tx.query(
    'insert into reporter_reveal (id, complaint_id, revealed_by, reason, revealed_at) values ($1, $2, $3, $4, $5)',
    [context.newId(), state.id, byViewer(context).actor, reason, context.now()],
  );
  return { complaintId: state.id };
}
