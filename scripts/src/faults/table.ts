/** What a run came to, a line a fault: for a terminal, and for the documentation. */
import type { Finding, Kind } from './checker.finding.js';
import type { Acknowledged } from './ledger.js';
import { recoveryOf, stalenessOf } from './recovery.js';
import type { Reflected } from './reflect.js';

/** How one fault went. Times in milliseconds. */
export interface Round {
  readonly fault: string;
  /** When it was over, and nothing was in the system's way any more. */
  readonly endedAt: number;
  /** Answers that no client should have got. */
  readonly refusals: readonly string[];
  /** How soon all had to be well again. */
  readonly goalMs?: number | undefined;
  /** How many wanted a core meanwhile, for each that there is. */
  readonly load?: number;
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
  /** How soon it had to be, in seconds; null where nothing is promised. */
  readonly goal: number | null;
  readonly staleness: number | null;
  /** How many wanted a core meanwhile, for each that there is. */
  readonly load: number;
  readonly notRun: string | null;
}

/** With more than so many that want a core, for each that there is, times say nothing of Merit. */
const OVERLOADED = 3;

export function rowsOf(
  rounds: readonly Round[],
  acknowledged: readonly Acknowledged[],
  findings: readonly Finding[],
  reflected: readonly Reflected[],
): Row[] {
  return rounds.map(({ fault, endedAt, refusals, goalMs = null, load = 0, notRun = null }) => {
    const count = (kind: Kind) => findings.filter((finding) => finding.fault === fault && finding.kind === kind).length;
    const mine = reflected.filter((one) => one.fault === fault);
    return {
      fault,
      acknowledged: acknowledged.filter((answer) => answer.fault === fault).length,
      ...{ lost: count('lost'), twice: count('twice'), inversions: count('inversion') },
      ...{ gaps: count('gap'), waiting: count('waiting'), refused: refusals.length },
      recovery: seconds(recoveryOf(mine, endedAt)),
      goal: seconds(goalMs),
      staleness: seconds(stalenessOf(mine)),
      load,
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
    row.staleness === null ||
    (isLate(row) && row.load <= OVERLOADED));

const isLate = ({ recovery, goal }: Row): boolean => recovery !== null && goal !== null && recovery > goal;

function lateness({ load, goal }: Row): string {
  const busy = `${load.toFixed(1)} wanted each core`;
  return load > OVERLOADED ? `not judged, for ${busy}` : `too late, the goal is ${goal} s (${busy})`;
}

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
  rows.flatMap((row) => {
    const { fault, notRun, waiting, refused } = row;
    return [
      ...(notRun === null ? [] : [`${fault} was not run: ${notRun}`]),
      ...(isLate(row) ? [`${fault}: well again after ${inSeconds(row.recovery)}: ${lateness(row)}`] : []),
      ...(waiting > 0 ? [`${fault}: ${waiting} events are still set aside`] : []),
      ...(refused > 0 ? [`${fault}: ${refused} answers that no client should have got`] : []),
    ];
  });
