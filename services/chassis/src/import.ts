/** What imports of all kinds have in common: rows are judged one by one, and each one's trouble is told with its place. */
import { DomainError } from './errors.js';

export interface ImportProblem {
  /** Counted from 0. */
  readonly row: number;
  readonly field: string | null;
  readonly code: string;
  readonly message: string;
}

export interface ImportAnswer {
  readonly imported: number;
  readonly unchanged: number;
  readonly problems: readonly ImportProblem[];
}

/** What came of the rows that are new, how many say what is there already, and the trouble with the others. */
export interface Judged<Result> {
  readonly fresh: readonly Result[];
  readonly unchanged: number;
  readonly problems: readonly ImportProblem[];
}

/** Most rows of one call: small enough that a call is one short transaction. */
const MOST_ROWS = 1_000;

/**
 * The rows, if they are not too many.
 * @throws TOO_MANY_ROWS on `rows`
 */
export function requireRows<Row>(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= MOST_ROWS) return rows;
  throw new DomainError('TOO_MANY_ROWS', `Send at most ${MOST_ROWS} rows at a time.`, {
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
    problems.push({ row, field: typeof params['field'] === 'string' ? params['field'] : null, code, message });
    return null;
  }
}

/** Judges the rows in turn. `judge` answers null for a row that says what is there already, and throws for a bad one. */
export function judgeRows<Row, Result>(
  rows: readonly Row[],
  judge: (row: Row, index: number) => Result | null,
): Judged<Result> {
  const fresh: Result[] = [];
  const problems: ImportProblem[] = [];
  for (const [index, row] of rows.entries()) {
    const result = judgeRow(problems, index, () => judge(row, index));
    if (result !== null) fresh.push(result);
  }
  return { fresh, unchanged: rows.length - fresh.length - problems.length, problems };
}
