import { Decimal } from 'decimal.js';
import { groupBy } from '../group-by.js';
import { largestFirst, type Reason } from './amount.js';
import type { Part, Slice } from './caps.js';

/** One record in one calendar year. */
export interface RecordCount {
  readonly id: string;
  /** Its hours that fall in the year. */
  readonly hours: Decimal;
  /** Those of them that count. */
  readonly counted: Decimal;
  /** The cap that took the most, when less counts than the hours. */
  readonly reason: Reason | null;
}

export interface YearCount {
  readonly year: number;
  readonly recorded: Decimal;
  readonly counted: Decimal;
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
  const lost = new Map<Reason, bigint>();
  for (const slice of slices)
    for (const [reason, loss] of slice.lost) lost.set(reason, (lost.get(reason) ?? 0n) + loss);
  return { left: slices.reduce((total, { left }) => total + left, 0n), lost };
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
  const records = [...groupBy(parts, ({ portion }) => portion.record)].map(([{ id }, its]) =>
    recordCount(id, its, scale),
  );
  const total = (key: 'hours' | 'counted') => records.reduce((all, one) => all.plus(one[key]), new Decimal(0));
  return { year, recorded: total('hours'), counted: total('counted'), records };
}

function recordCount(id: string, parts: readonly Part[], scale: bigint): RecordCount {
  const hours = new Decimal(parts.reduce((all, { portion }) => all + portion.hundredths, 0)).div(100);
  const counted = new Decimal(Number(parts.reduce((all, { left }) => all + left, 0n) / scale)).div(100);
  return { id, hours, counted, reason: counted.lt(hours) ? mostLost(parts) : null };
}

function mostLost(parts: readonly Part[]): Reason | null {
  const losses = parts.flatMap(({ lost }) => [...lost]).sort(largestFirst(([, loss]) => loss));
  return losses[0]?.[0] ?? null;
}
