/**
 * Who holds which position, as what and from when (TMT), by which decree. A decree may be entered late and annulled;
 * so an assignment knows when it holds and when each thing about it was recorded.
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';
import { addDays, type LocalDate } from '@merit/chassis/local-date';
import { type Interval, overlap, requireInterval } from '../interval.js';
import type { Position } from '../position/position.js';

/** Definitive, acting in a vacancy (PLT), acting for someone away (PLH), or beside one's own position. */
export const ASSIGNMENT_KINDS = ['DEFINITIF', 'PLT', 'PLH', 'RANGKAP'] as const;
export type AssignmentKind = (typeof ASSIGNMENT_KINDS)[number];

export interface Assignment extends Interval {
  readonly id: string;
  readonly employeeId: string;
  readonly positionId: string;
  readonly kind: AssignmentKind;
  readonly decreeNumber: string;
  readonly decreeDate: LocalDate;
  readonly recordedAt: Date;
  readonly endedRecordedAt: Date | null;
  readonly annulledAt: Date | null;
  readonly annulReason: string | null;
}
export type NewAssignment = Pick<
  Assignment,
  'id' | 'employeeId' | 'kind' | 'validFrom' | 'validTo' | 'decreeNumber' | 'decreeDate' | 'recordedAt'
>;

export type AssignmentEvent =
  | { readonly type: 'PositionAssigned'; readonly assignment: Assignment; readonly position: Position }
  | {
      readonly type: 'AssignmentEnded';
      readonly assignment: Assignment & { validTo: LocalDate; endedRecordedAt: Date };
    }
  | { readonly type: 'AssignmentAnnulled'; readonly assignment: Assignment & { annulledAt: Date } };

/** What an assignment must agree with. */
export interface Around {
  readonly position: Position;
  /** When the person works for the position's agency. */
  readonly service: Interval;
  /** When the position's unit exists. */
  readonly unit: Interval;
  /** What the person holds, and who holds the position: annulled ones may be among them. */
  readonly ofPerson: readonly Assignment[];
  readonly ofPosition: readonly Assignment[];
  readonly today: LocalDate;
}

/**
 * Appoints a person to a position.
 * @throws INTERVAL_REVERSED; DECREE_IN_FUTURE on `decreeDate`; TEXT_* on `decreeNumber`; NOT_EMPLOYED,
 *   UNIT_NOT_OPEN on `validFrom`; POSITION_HELD on `positionId` (a leading position has one definitive holder);
 *   EMPLOYEE_HOLDS_POSITION (one definitive position a person), ASSIGNMENT_OVERLAPS (the same one twice) on `validFrom`
 */
export function assign(input: NewAssignment, around: Around): Decision<Assignment, AssignmentEvent> {
  const { position } = around;
  const assignment: Assignment = {
    ...input,
    ...requireInterval(input.validFrom, input.validTo),
    positionId: position.id,
    decreeNumber: requireText(input.decreeNumber, 'decreeNumber', { max: 100 }),
    endedRecordedAt: null,
    annulledAt: null,
    annulReason: null,
  };
  refuseIf(input.decreeDate > around.today, 'DECREE_IN_FUTURE', 'The decree is dated in the future.', 'decreeDate');
  requireWithin(assignment, around);
  requireFree(assignment, around);
  return { state: assignment, events: [{ type: 'PositionAssigned', assignment, position }] };
}

/**
 * Appoints a person in place of what they hold definitively so far, which ends on the day before.
 * @throws as `assign`
 */
export function assignInstead(input: NewAssignment, around: Around): Decision<Assignment, AssignmentEvent> {
  const { validFrom } = input;
  const isReplaced = (held: Assignment) =>
    isDefinitive(held) && held.validFrom < validFrom && (held.validTo === null || held.validTo >= validFrom);
  const ended = around.ofPerson
    .filter(isReplaced)
    .map((held) => endAssignment(held, addDays(validFrom, -1), input.recordedAt));
  const asEnded = (held: Assignment) => ended.find(({ state }) => state.id === held.id)?.state ?? held;
  const { state, events } = assign(input, {
    ...around,
    ofPerson: around.ofPerson.map(asEnded),
    ofPosition: around.ofPosition.map(asEnded),
  });
  return { state, events: [...ended.flatMap((end) => end.events), ...events] };
}

/**
 * Ends an assignment, earlier than was known so far.
 * @throws ASSIGNMENT_ANNULLED; ASSIGNMENT_ENDED, ASSIGNMENT_ENDS_BEFORE_START on `validTo`
 */
export function endAssignment(
  assignment: Assignment,
  lastDay: LocalDate,
  now: Date,
): Decision<Assignment, AssignmentEvent> {
  requireNotAnnulled(assignment);
  const { validFrom, validTo } = assignment;
  const ended = validTo !== null && lastDay >= validTo;
  refuseIf(ended, 'ASSIGNMENT_ENDED', 'The assignment ends by that day already.', 'validTo', { validTo });
  const early = lastDay < validFrom;
  refuseIf(early, 'ASSIGNMENT_ENDS_BEFORE_START', 'It begins after that day. Annul it instead.', 'validTo', {
    validFrom,
  });
  const state = { ...assignment, validTo: lastDay, endedRecordedAt: now };
  return { state, events: [{ type: 'AssignmentEnded', assignment: state }] };
}

/**
 * Takes an assignment back as if it had never been: its decree was annulled.
 * @throws ASSIGNMENT_ANNULLED; TEXT_* on `reason`
 */
export function annulAssignment(
  assignment: Assignment,
  reason: string,
  now: Date,
): Decision<Assignment, AssignmentEvent> {
  requireNotAnnulled(assignment);
  const annulReason = requireText(reason, 'reason', { max: 1000, lines: true });
  const state = { ...assignment, annulledAt: now, annulReason };
  return { state, events: [{ type: 'AssignmentAnnulled', assignment: state }] };
}

/**
 * Ends what a person still holds after a last day, for they leave the agency or the service.
 * @throws ASSIGNMENT_BEGINS_LATER: something begins only after that day, and must be annulled by whoever knows why
 */
export function endAll(
  assignments: readonly Assignment[],
  lastDay: LocalDate,
  now: Date,
): Decision<Assignment[], AssignmentEvent> {
  const open = assignments.filter(({ annulledAt, validTo }) => !annulledAt && (validTo === null || validTo > lastDay));
  const later = open.filter(({ validFrom }) => validFrom > lastDay).length;
  const message = 'A position begins after that day. Annul that assignment first.';
  refuseIf(later > 0, 'ASSIGNMENT_BEGINS_LATER', message, undefined, { later });
  const ended = open.map((assignment) => endAssignment(assignment, lastDay, now));
  return { state: ended.map(({ state }) => state), events: ended.flatMap(({ events }) => events) };
}

function requireWithin(assignment: Assignment, { service, unit }: Around): void {
  const outside = (limits: Interval) =>
    assignment.validFrom < limits.validFrom ||
    (limits.validTo !== null && (assignment.validTo === null || assignment.validTo > limits.validTo));
  const message = 'The person does not work for this agency all that time. Change the days.';
  refuseIf(outside(service), 'NOT_EMPLOYED', message, 'validFrom', { ...service });
  const closed = 'The unit does not exist all that time. Change the days, or choose another position.';
  refuseIf(outside(unit), 'UNIT_NOT_OPEN', closed, 'validFrom', { ...unit });
}

function requireFree(assignment: Assignment, { position, ofPerson, ofPosition }: Around): void {
  const clashes = (other: Assignment) => !other.annulledAt && overlap(other, assignment);
  const again = ofPerson.some((other) => clashes(other) && other.positionId === position.id);
  refuseIf(again, 'ASSIGNMENT_OVERLAPS', 'The person holds this position in that time already.', 'validFrom');
  if (assignment.kind !== 'DEFINITIF') return;
  const second = ofPerson.some((other) => clashes(other) && isDefinitive(other));
  const message = 'The person holds another position definitively in that time. End it first, or set endPrevious.';
  refuseIf(second, 'EMPLOYEE_HOLDS_POSITION', message, 'validFrom');
  const held = position.leading && ofPosition.some((other) => clashes(other) && isDefinitive(other));
  refuseIf(held, 'POSITION_HELD', 'Somebody else holds this position definitively in that time.', 'positionId');
}

function requireNotAnnulled({ annulledAt }: Assignment): void {
  refuseIf(annulledAt !== null, 'ASSIGNMENT_ANNULLED', 'The assignment was annulled.', undefined, { annulledAt });
}

const isDefinitive = ({ kind, annulledAt }: Assignment) => kind === 'DEFINITIF' && annulledAt === null;

function refuseIf(wrong: boolean, code: string, message: string, field?: string, params: object = {}): void {
  if (wrong) throw new DomainError(code, message, field === undefined ? { ...params } : { field, ...params });
}
