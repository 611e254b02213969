/** What every import has in common: so many rows at most, and an answer that names each row's trouble. */
import { DomainError } from '@merit/chassis/errors';

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

const MOST_ROWS = 1_000;

/** @throws TOO_MANY_ROWS */
export function requireRows<Row>(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= MOST_ROWS) return rows;
  throw new DomainError('TOO_MANY_ROWS', `Send at most ${MOST_ROWS} rows at a time.`, {
    field: 'rows',
    max: MOST_ROWS,
  });
}

/** What came of the rows that are new, how many say what is there already, and the trouble with the others. */
export interface Judged<Result> {
  readonly fresh: readonly Result[];
  readonly unchanged: number;
  readonly problems: readonly ImportProblem[];
}

/** Judges the rows in turn. `judge` answers null for a row that says what is there already, and throws for a bad one. */
export function judgeRows<Row, Result>(rows: readonly Row[], judge: (row: Row) => Result | null): Judged<Result> {
  const fresh: Result[] = [];
  const problems: ImportProblem[] = [];
  let unchanged = 0;
  for (const [row, value] of rows.entries()) {
    try {
      const result = judge(value);
      if (result === null) unchanged += 1;
      else fresh.push(result);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      problems.push({ row, ...problemOf(error) });
    }
  }
  return { fresh, unchanged, problems };
}

const problemOf = ({ code, message, params }: DomainError) => ({
  field: typeof params['field'] === 'string' ? params['field'] : null,
  code,
  message,
});
