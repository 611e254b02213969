/** An agreement with a partner agency: whose machine client may read of whom, what for, its days, its decree. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';
import { addDays, type LocalDate } from '@merit/chassis/local-date';
import { type Interval, requireInterval } from '../interval.js';

/** Most people, and most units, that one agreement names. More people are named by their units. */
export const MOST_NAMED = 1000;

export interface Agreement extends Interval {
  readonly id: string;
  /** The id of the partner agency's machine client, as its tokens name it. */
  readonly clientId: string;
  /** The agency that signs. Only people whom it employs are shared. */
  readonly agencyId: string;
  /** What the partner agency reads it for. */
  readonly purpose: string;
  readonly employeeIds: readonly string[];
  /** With whoever holds a position in them, or in a unit below. */
  readonly unitIds: readonly string[];
  readonly decreeNumber: string;
  readonly decreeDate: LocalDate;
  readonly recordedAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
}
export type AgreementEvent =
  | { readonly type: 'AgreementSigned'; readonly agreement: Agreement }
  | { readonly type: 'AgreementEnded'; readonly agreement: Agreement & { validTo: LocalDate } };

export type NewAgreement = Omit<Agreement, 'endedAt' | 'endReason'>;

/** What is known of those whom an agreement names. */
export interface Named {
  /** The agency's date. */
  readonly today: LocalDate;
  /** Employee → the agency that employs the person; without those who are unknown. */
  readonly employers: ReadonlyMap<string, string>;
  /** Unit → its agency; without those that are unknown. */
  readonly agencies: ReadonlyMap<string, string>;
}

/**
 * Signs an agreement. Several may stand with one client: each has its own purpose.
 * @throws TEXT_* on `clientId`, `purpose` or `decreeNumber`; DECREE_IN_FUTURE on `decreeDate`; INTERVAL_REVERSED on
 *   `validTo`; AGREEMENT_NAMES_NOBODY; TOO_MANY_ROWS, EMPLOYEE_NOT_FOUND, NOT_EMPLOYED on `employeeIds`; TOO_MANY_ROWS,
 *   UNIT_NOT_FOUND, UNIT_OTHER_AGENCY on `unitIds`
 */
export function signAgreement(input: NewAgreement, named: Named): Decision<Agreement, AgreementEvent> {
  const agreement: Agreement = {
    ...input,
    ...requireInterval(input.validFrom, input.validTo),
    clientId: requireText(input.clientId, 'clientId', { max: 255 }),
    purpose: requireText(input.purpose, 'purpose', { max: 1000, lines: true }),
    decreeNumber: requireText(input.decreeNumber, 'decreeNumber', { max: 100 }),
    employeeIds: fewEnough(input.employeeIds, 'employeeIds'),
    unitIds: fewEnough(input.unitIds, 'unitIds'),
    endedAt: null,
    endReason: null,
  };
  if (input.decreeDate > named.today) {
    throw new DomainError('DECREE_IN_FUTURE', 'The decree is dated in the future.', { field: 'decreeDate' });
  }
  if (agreement.employeeIds.length === 0 && agreement.unitIds.length === 0) {
    throw new DomainError('AGREEMENT_NAMES_NOBODY', 'Name the people, or the units, that are shared.', {
      field: 'employeeIds',
    });
  }
  requireOwn(agreement, named);
  return { state: agreement, events: [{ type: 'AgreementSigned', agreement }] };
}

/** An agency shares its own people and units. */
function requireOwn({ agencyId, employeeIds, unitIds }: Agreement, { employers, agencies }: Named): void {
  for (const [ids, known, field, words] of [
    [employeeIds, employers, 'employeeIds', EMPLOYEE_WORDS],
    [unitIds, agencies, 'unitIds', UNIT_WORDS],
  ] as const) {
    const unknown = ids.find((id) => !known.has(id));
    if (unknown !== undefined) throw new DomainError(...words.unknown, { field, id: unknown });
    const foreign = ids.find((id) => known.get(id) !== agencyId);
    if (foreign !== undefined) throw new DomainError(...words.foreign, { field, id: foreign });
  }
}

type Words = readonly [code: string, message: string];
const EMPLOYEE_WORDS: Record<'unknown' | 'foreign', Words> = {
  unknown: ['EMPLOYEE_NOT_FOUND', 'There is no such employee.'],
  foreign: ['NOT_EMPLOYED', 'An agency shares only people whom it employs.'],
};
const UNIT_WORDS: Record<'unknown' | 'foreign', Words> = {
  unknown: ['UNIT_NOT_FOUND', 'There is no such unit.'],
  foreign: ['UNIT_OTHER_AGENCY', 'The unit belongs to another agency.'],
};

function fewEnough(ids: readonly string[], field: string): readonly string[] {
  if (ids.length > MOST_NAMED) {
    throw new DomainError('TOO_MANY_ROWS', `Name at most ${MOST_NAMED}, or the units in which they work.`, {
      field,
      max: MOST_NAMED,
    });
  }
  return [...new Set(ids)];
}

/**
 * Ends an agreement. Without a last day it ends at once: yesterday is its last day.
 * @param today the agency's date
 * @throws AGREEMENT_ENDED on `validTo`, when it ends by then anyway; TEXT_* on `reason`
 */
export function endAgreement(
  agreement: Agreement,
  { validTo, reason, today, now }: { validTo: LocalDate | null; reason: string; today: LocalDate; now: Date },
): Decision<Agreement, AgreementEvent> {
  const lastDay = validTo ?? addDays(today, -1);
  if (agreement.validTo !== null && lastDay >= agreement.validTo) {
    throw new DomainError('AGREEMENT_ENDED', 'The agreement ends by that day anyway.', { field: 'validTo' });
  }
  const endReason = requireText(reason, 'reason', { max: 1000, lines: true });
  const state = { ...agreement, validTo: lastDay, endedAt: now, endReason };
  return { state, events: [{ type: 'AgreementEnded', agreement: state }] };
}
