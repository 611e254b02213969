/** An import: the whole table is judged, by itself and by the graph, before the first row of it is written. */
import { trouble } from '@merit/infra/trouble';
import { showProgress } from './bar.js';
import { byPerson } from './by-person.js';
import { type Chunk, chunksOf, eachOf } from './chunks.js';
import { readHeader } from './header.js';
import { type Judged, judgeRow, type Problem, seenBefore } from './judge.js';
import { TABLES, type Table, type TableName } from './kinds.js';
import { parentsFirst } from './parents.js';
import type { Progress } from './progress.js';
import { readRows, type TableFile } from './read.js';
import { rememberKeys, type Seen } from './seen.js';
import type { Sender } from './send.js';

export interface ImportRun {
  readonly name: TableName;
  readonly file: TableFile;
  /** Where what is too large for memory may lie for a while. */
  readonly folder: string;
  readonly sender: Sender;
  /** Is told of every problem as it is found. */
  readonly onProblem: (problem: Problem) => void;
  readonly stopped: () => boolean;
  /** The most rows of a call; for tests. */
  readonly chunkRows?: number;
}

export interface Totals {
  rows: number;
  imported: number;
  unchanged: number;
  problems: number;
}

/** Judges everything and writes nothing. */
export async function checkTable(run: ImportRun): Promise<Totals> {
  return pass(run, 'checking', async (chunk, totals, report) => {
    const outcome = await run.sender.send(chunk, { validateOnly: true });
    outcome.problems.forEach(report);
    totals.imported += outcome.imported;
    totals.unchanged += outcome.unchanged;
  });
}

/** Writes what was judged good. Chunks that were answered in an earlier, cut short attempt are passed over. */
export async function writeTable(run: ImportRun, progress: Progress): Promise<Totals> {
  return pass(run, 'importing', async (chunk, totals, report) => {
    if (progress.isDone(chunk.index)) {
      totals.unchanged += chunk.rows.length;
      return;
    }
    const idempotencyKey = `import-${progress.run}-${chunk.index}`;
    const outcome = await run.sender.send(chunk, { validateOnly: false, idempotencyKey });
    outcome.problems.forEach(report);
    if (outcome.problems.length > 0) throw trouble(CHANGED_MEANWHILE);
    totals.imported += outcome.imported;
    totals.unchanged += outcome.unchanged;
    await progress.done(chunk.index);
  });
}

const CHANGED_MEANWHILE =
  'The system changed since the table was checked, so that some rows are no longer right. Rows before them were written; correct these and import the same file again.';

type Work = (chunk: Chunk, totals: Totals, report: (problem: Problem) => void) => Promise<void>;

async function pass(run: ImportRun, what: string, work: Work): Promise<Totals> {
  const totals: Totals = { rows: 0, imported: 0, unchanged: 0, problems: 0 };
  const bar = showProgress(what);
  const done = { read: 0, told: 0 };
  // Reading is the lesser part of the work; where rows are sorted first, all of it comes before the rest.
  const show = () => bar.update(done.read * (0.1 + (0.9 * done.told) / Math.max(1, totals.rows)));
  const report = (problem: Problem) => {
    totals.problems += 1;
    run.onProblem(problem);
  };
  try {
    const rows = goodRows(run, totals, report, (bytes) => {
      done.read = bytes / run.file.bytes;
      show();
    });
    const chunks = chunksOf(inOrder(run, rows), ({ group }) => group, run.chunkRows);
    const tell = async (chunk: Chunk) => {
      await work(chunk, totals, report);
      done.told += chunk.rows.length;
      show();
    };
    await eachOf(chunks, run.sender.width, tell, run.stopped);
  } finally {
    bar.stop();
  }
  return totals;
}

/** The order in which a table's rows are told, where it is not their own. */
function inOrder<Row extends Judged>(
  { name, folder, file }: ImportRun,
  rows: AsyncGenerator<Row>,
): AsyncGenerator<Row> {
  if (name === 'units') return parentsFirst(rows);
  if (name === 'training') return byPerson(rows, { folder, bytes: file.bytes });
  return rows;
}

/** The rows that are right as far as the table itself tells, with their groups; the others' problems are reported. */
async function* goodRows(
  run: ImportRun,
  totals: Totals,
  report: (problem: Problem) => void,
  onBytes: (bytes: number) => void,
) {
  const table: Table = TABLES[run.name];
  const seen = rememberKeys();
  let header: { at: ReadonlyMap<string, number>; width: number } | null = null;
  for await (const row of readRows(run.file, onBytes)) {
    if (!header) {
      const { at, problems } = readHeader(row.cells, table.columns);
      if (problems.length > 0) throw trouble(`The first row of ${run.file.path} is not right.\n${problems.join('\n')}`);
      header = { at, width: row.cells.length };
      continue;
    }
    totals.rows += 1;
    const judged = judgeRow(row, { table, ...header });
    const placed = Array.isArray(judged) ? judged : place(judged, table, run.sender, seen);
    if (Array.isArray(placed)) placed.forEach(report);
    else yield placed;
  }
  if (!header) throw trouble(`${run.file.path} has no rows.`);
}

/** Where the row belongs, unless the graph does not know what it names, or it stood in the file before. */
function place(row: Judged, table: Table, sender: Sender, seen: Seen): (Judged & { group: string }) | Problem[] {
  const at = sender.placeOf(row);
  if ('code' in at) return [at];
  const twice = seenBefore(table, row, at.scope, seen);
  return twice ? [twice] : { ...row, group: at.group };
}
