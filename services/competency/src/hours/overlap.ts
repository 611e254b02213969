import { largestFirst, reduce } from './amount.js';
import type { Slice } from './caps.js';

interface Timed {
  readonly slice: Slice;
  readonly from: number;
  readonly to: number;
  readonly perMinute: bigint;
}

/**
 * Trainings of one day that met at overlapping times: each minute counts once, for the one that gives the most hours
 * a minute, so that a further training never makes a day worth less. Those whose times are not known take no part.
 */
export function countOverlapsOnce(slices: readonly Slice[]): void {
  const timed = slices.flatMap(timedOf).sort(largestFirst(({ perMinute }) => perMinute));
  if (timed.length < 2) return;
  const claims = new Map(timed.map((one) => [one, 0n]));
  const bounds = [...new Set(timed.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  bounds.slice(1).forEach((to, i) => {
    const from = bounds[i]!;
    const owner = timed.find((one) => one.from <= from && to <= one.to);
    if (owner) claims.set(owner, claims.get(owner)! + owner.perMinute * BigInt(to - from));
  });
  for (const [{ slice }, claim] of claims) reduce(slice, claim, 'OVERLAP');
}

function timedOf(slice: Slice): Timed[] {
  const { meets } = slice.portion.record;
  return meets ? [{ slice, ...meets, perMinute: slice.left / BigInt(meets.to - meets.from) }] : [];
}
