/** Who may see and decide what about a complaint: nobody whom it names, and what sets a unit's limit is decided outside it. */
import { DomainError } from '@merit/chassis/errors';
import type { Complaint } from './complaint.js';

/** Who moves a complaint along. */
export interface Officer {
  /** Null for the operator of the system. */
  readonly employeeId: string | null;
  /** Whether they work in the complaint's unit or in one below it. */
  readonly inside: boolean;
}

/**
 * Whether someone may see what only those see who handle a complaint: nobody whom it names, and nobody of the unit
 * before it was verified, for only then is it known whom it names.
 */
export const maySeeHandling = (complaint: Complaint, { employeeId, inside }: Officer): boolean =>
  !isNamed(complaint.named, employeeId) &&
  (!inside || (complaint.status !== 'RECEIVED' && complaint.status !== 'REJECTED'));

/**
 * For what is decided outside the unit: verifying, publishing, asking who complained, entering an earlier history.
 * @throws DECIDED_OUTSIDE_UNIT, COMPLAINT_NAMES_HANDLER
 */
export function requireTriage({ named }: Pick<Complaint, 'named'>, officer: Officer): void {
  if (officer.inside) {
    throw new DomainError('DECIDED_OUTSIDE_UNIT', 'This is decided by someone who does not work in the unit.');
  }
  requireNotNamed(named, officer.employeeId);
}

/** @throws COMPLAINT_NAMES_HANDLER */
export function requireNotNamed(named: readonly string[], employeeId: string | null): void {
  if (!isNamed(named, employeeId)) return;
  throw new DomainError('COMPLAINT_NAMES_HANDLER', 'A complaint is not handled by someone whom it names.');
}

const isNamed = (named: readonly string[], employeeId: string | null): boolean =>
  employeeId !== null && named.includes(employeeId);

const MOST_NAMED = 20;

/** The people whom a complaint names, each once. @throws TOO_MANY_NAMED on `named` */
export function requireFew(people: readonly string[]): readonly string[] {
  const named = [...new Set(people)];
  if (named.length <= MOST_NAMED) return named;
  throw new DomainError('TOO_MANY_NAMED', `Name at most ${MOST_NAMED} people.`, { field: 'named', max: MOST_NAMED });
}
