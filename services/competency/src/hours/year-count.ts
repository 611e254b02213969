import { groupBy } from '@merit/chassis/group-by';
import { largestFirst, type Reason } from './amount.js';
import type { Part, Slice } from './caps.js';

/** Hours as an exact decimal of at most two places, written as the contract writes them: `16`, `5.33`. */
export type Hours = string;

/** One record in one calendar year. */
export interface RecordCount {
  readonly id: string;
  /** Its hours that fall in the year. */
  readonly hours: Hours;
  /** Those of them that count. */
  readonly counted: Hours;
  /** The cap that took the most, when less counts than the hours. */
  readonly reason: Reason | null;
}

export interface YearCount {
  readonly year: number;
  readonly recorded: Hours;
  readonly counted: Hours;
  /** In the order of the parts: by first day in the year, then id. */
  readonly records: readonly RecordCount[];
}

/**
 * Portions as whole hundredths: the slices that lie in the same calendar and contract year are summed and rounded down
 * together, and the records share what the sum gives, the largest rests first. So no cap is exceeded, no record counts
 * for more than its hours, and what a further record adds is never lost in rounding.
 */
export function roundDown(slices: readonly Slice[], scale: bigint): Part[] {
  const parts = [...groupBy(slices, ({ portion }) => portion)].map(([portion, its]) => ({ portion, ...sum(its) }));
  const periods = groupBy(parts, ({ portion }) => `${portion.year} ${portion.contractYear}`);
  for (const period of periods.values()) roundPeriod(period, scale);
  return parts;
}

function sum(slices: readonly Slice[]): Pick<Part, 'left' | 'lost'> {
  const total: Pick<Part, 'left' | 'lost'> = { left: 0n, lost: null };
  for (const { left, lost } of slices) {
    total.left += left;
    for (const [reason, loss] of lost ?? []) {
      total.lost ??= new Map();
      total.lost.set(reason, (total.lost.get(reason) ?? 0n) + loss);
    }
  }
  return total;
}

function roundPeriod(parts: readonly Part[], scale: bigint): void {
  const rests = parts.map((part) => ({ part, rest: part.left % scale })).sort(largestFirst(({ rest }) => rest));
  const spare = Number(rests.reduce((total, { rest }) => total + rest, 0n) / scale);
  rests.forEach(({ part, rest }, i) => {
    part.left += (i < spare ? scale : 0n) - rest;
  });
}

/** The parts of one calendar year, in whole hundredths, as figures. */
export function yearCount(year: number, parts: readonly Part[], scale: bigint): YearCount {
  const records = [...groupBy(parts, ({ portion }) => portion.record)].map(([{ id }, its]) => {
    const [recorded, counted] = [recordedOf(its), countedOf(its, scale)];
    const reason = counted < recorded ? mostLost(its) : null;
    return { id, hours: hoursOf(recorded), counted: hoursOf(counted), reason };
  });
  return { year, recorded: hoursOf(recordedOf(parts)), counted: hoursOf(countedOf(parts, scale)), records };
}

const recordedOf = (parts: readonly Part[]): number => parts.reduce((all, { portion }) => all + portion.hundredths, 0);
const countedOf = (parts: readonly Part[], scale: bigint): number =>
  Number(parts.reduce((all, { left }) => all + left, 0n) / scale);

/** Without zeros at the end, as PostgreSQL's `trim_scale` writes them. */
const hoursOf = (hundredths: number): Hours =>
  hundredths % 100 === 0 ? String(hundredths / 100) : (hundredths / 100).toFixed(2).replace(/0$/, '');

function mostLost(parts: readonly Part[]): Reason | null {
  const losses = parts.flatMap(({ lost }) => [...(lost ?? [])]).sort(largestFirst(([, loss]) => loss));
  return losses[0]?.[0] ?? null;
}
