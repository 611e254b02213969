/** What imports of all kinds have in common: rows are judged one by one, and every problem is told with its row. */
import { DomainError } from '@merit/chassis/errors';

export interface ImportProblem {
  /** Counted from 0. */
  readonly row: number;
  readonly field: string | null;
  readonly code: string;
  readonly message: string;
}
export interface ImportResult {
  readonly imported: number;
  readonly unchanged: number;
  readonly problems: readonly ImportProblem[];
}

/** Most rows of one call: small enough that a call is one short transaction. */
const MOST_ROWS = 1000;

/** @throws TOO_MANY_ROWS on `rows` */
export function requireRows(rows: readonly unknown[]): void {
  if (rows.length <= MOST_ROWS) return;
  throw new DomainError('TOO_MANY_ROWS', `Send at most ${MOST_ROWS} rows at once, and then the next.`, {
    field: 'rows',
    max: MOST_ROWS,
  });
}

/** What judging a row gives; when a rule refuses it, that is noted with the row, and the answer is null. */
export function judgeRow<T>(problems: ImportProblem[], row: number, judge: () => T): T | null {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, message, params } = error;
    problems.push({ row, field: (params['field'] as string | undefined) ?? null, code, message });
    return null;
  }
}

/**
 * One of the values that a field may have; capitals and blanks around it do not matter.
 * @throws VALUE_UNKNOWN with the field
 */
export function requireOneOf<T extends string>(value: string, allowed: readonly T[], field: string): T {
  const found = allowed.find((one) => one === value.trim().toUpperCase());
  if (found) return found;
  throw new DomainError('VALUE_UNKNOWN', `${field} must be one of ${allowed.join(', ')}.`, { field, allowed });
}

/** A cell of a table without anything in it is no value. */
export const cell = (value: string | null | undefined): string | null =>
  value == null || value.trim() === '' ? null : value.trim();
