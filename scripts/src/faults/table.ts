/** What a run came to, a line a fault: for a terminal, and for the documentation. */
import type { Finding, Kind } from './checker.finding.js';
import type { Acknowledged } from './ledger.js';
import { type Reflected, recoveryOf, stalenessOf } from './reflect.js';

/** How one fault went. Times in milliseconds. */
export interface Round {
  readonly fault: string;
  /** When it was over, and nothing was in the system's way any more. */
  readonly endedAt: number;
  /** Answers that no client should have got. */
  readonly refusals: readonly string[];
  /** Why it was not brought about here; then nothing is known of it. */
  readonly notRun?: string;
}

export interface Row {
  readonly fault: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly twice: number;
  readonly inversions: number;
  readonly gaps: number;
  /** Set aside still. */
  readonly waiting: number;
  readonly refused: number;
  /** Seconds; null when it never came. */
  readonly recovery: number | null;
  readonly staleness: number | null;
  readonly notRun: string | null;
}

export function rowsOf(
  rounds: readonly Round[],
  acknowledged: readonly Acknowledged[],
  findings: readonly Finding[],
  reflected: readonly Reflected[],
): Row[] {
  return rounds.map(({ fault, endedAt, refusals, notRun = null }) => {
    const count = (kind: Kind) => findings.filter((finding) => finding.fault === fault && finding.kind === kind).length;
    const mine = reflected.filter((one) => one.fault === fault);
    return {
      fault,
      acknowledged: acknowledged.filter((answer) => answer.fault === fault).length,
      ...{ lost: count('lost'), twice: count('twice'), inversions: count('inversion') },
      ...{ gaps: count('gap'), waiting: count('waiting'), refused: refusals.length },
      recovery: seconds(recoveryOf(mine, endedAt)),
      staleness: seconds(stalenessOf(mine)),
      notRun,
    };
  });
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 100) / 10);

/** Whether a fault did what none may do. One that was not run has not passed, and not failed. */
export const isBad = (row: Row): boolean =>
  row.notRun === null &&
  (row.lost + row.twice + row.inversions + row.waiting + row.refused > 0 ||
    row.acknowledged === 0 ||
    row.recovery === null ||
    row.staleness === null);

const HEADS = ['fault', 'acknowledged', 'lost', 'twice', 'inversions', 'gaps', 'worst recovery', 'worst staleness'];

function cellsOf(row: Row): string[] {
  if (row.notRun !== null) return [row.fault, 'not run', '', '', '', '', '', ''];
  const { fault, acknowledged, lost, twice, inversions, gaps } = row;
  return [
    fault,
    ...[acknowledged, lost, twice, inversions, gaps].map(String),
    inSeconds(row.recovery),
    inSeconds(row.staleness),
  ];
}

const inSeconds = (time: number | null): string => (time === null ? 'never' : `${time.toFixed(1)} s`);

/** Columns padded, and below them why a line is bad or a fault was not run. */
export function textOf(rows: readonly Row[]): string {
  const lines = [HEADS, ...rows.map(cellsOf)];
  const widths = HEADS.map((_, n) => Math.max(...lines.map((line) => line[n]!.length)));
  const table = lines.map((line) =>
    line
      .map((cell, n) => cell.padEnd(widths[n]!))
      .join('  ')
      .trimEnd(),
  );
  return [...table, '', ...notesOf(rows)].join('\n').trimEnd();
}

export function markdownOf(rows: readonly Row[]): string {
  const lines = [HEADS, HEADS.map((_, n) => (n === 0 ? '---' : '--:')), ...rows.map(cellsOf)];
  return [...lines.map((line) => `| ${line.join(' | ')} |`), '', ...notesOf(rows).map((note) => `- ${note}`)]
    .join('\n')
    .trimEnd();
}

const notesOf = (rows: readonly Row[]): string[] =>
  rows.flatMap(({ fault, notRun, waiting, refused }) => [
    ...(notRun === null ? [] : [`${fault} was not run: ${notRun}`]),
    ...(waiting > 0 ? [`${fault}: ${waiting} events are still set aside`] : []),
    ...(refused > 0 ? [`${fault}: ${refused} answers that no client should have got`] : []),
  ]);
