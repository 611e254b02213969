/**
 * Hours that still count, and what a cap does to them.
 *
 * Kept as whole numbers of a unit so small that every division comes out even: a third of an hour, kept as a decimal,
 * would make three thirds 0.99 and cost somebody a hundredth.
 */
import type { Decimal } from 'decimal.js';

const REASONS = [
  'NOT_VERIFIED',
  'OVERLAP',
  'CAP_PER_DAY',
  'CAP_PER_ACTIVITY',
  'CAP_PER_SESSION',
  'CAP_SESSIONS_PER_MONTH',
  'CAP_CONTRACT_YEAR',
] as const;
/** Why a record counts for less than its hours. */
export type Reason = (typeof REASONS)[number];

export interface Amount {
  /** What counts, in units: less after each cap that takes from it. */
  left: bigint;
  /** What caps took, in units; null for nothing. */
  lost: Map<Reason, bigint> | null;
}

/** A number of hours with at most two places, in units; `scale` units make a hundredth. */
export const unitsOf = (hours: Decimal, scale: bigint): bigint => BigInt(hours.times(100).toFixed(0)) * scale;

/** Lets amounts count up to `room` together, the first ones first. */
export function fill(amounts: readonly Amount[], room: bigint, reason: Reason): void {
  let rest = room;
  for (const amount of amounts) {
    if (amount.left > rest) reduce(amount, rest, reason);
    rest -= amount.left;
  }
}

/** Leaves `left` of an amount, and notes why. */
export function reduce(amount: Amount, left: bigint, reason: Reason): void {
  const loss = amount.left - left;
  if (loss === 0n) return;
  amount.lost ??= new Map();
  amount.lost.set(reason, (amount.lost.get(reason) ?? 0n) + loss);
  amount.left = left;
}

/** A comparison that puts the largest first, and leaves equals as they are. */
export const largestFirst =
  <T>(sizeOf: (item: T) => bigint) =>
  (a: T, b: T): number => {
    const difference = sizeOf(b) - sizeOf(a);
    return difference === 0n ? 0 : difference > 0n ? 1 : -1;
  };
