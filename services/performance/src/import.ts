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

/** @throws IMPORT_TOO_LARGE */
export function requireRows<Row>(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= MOST_ROWS) return rows;
  throw new DomainError('IMPORT_TOO_LARGE', `Send at most ${MOST_ROWS} rows at a time.`, {
    field: 'rows',
    max: MOST_ROWS,
  });
}

/** Judges each row on its own: what came of the good ones, and the trouble with the others. */
export function eachRow<Row, Result>(
  rows: readonly Row[],
  judge: (row: Row, index: number) => Result,
): { readonly good: Result[]; readonly problems: ImportProblem[] } {
  const good: Result[] = [];
  const problems: ImportProblem[] = [];
  for (const [row, value] of rows.entries()) {
    try {
      good.push(judge(value, row));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, message, params } = error;
      problems.push({ row, field: typeof params['field'] === 'string' ? params['field'] : null, code, message });
    }
  }
  return { good, problems };
}
