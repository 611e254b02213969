/** How soon all was well again after a fault, and how stale it was meanwhile. */
import { PATHS, type Reflected } from './reflect.js';

/** What a reader may be behind by when all is well: less is no recovery to speak of. */
const WELL_MS = 1_000;

/** The slowest way's; null when one of them never came. Milliseconds. */
export function recoveryOf(all: readonly Reflected[], end: number): number | null {
  const ways = PATHS.map((path) =>
    wayBack(
      all.filter(({ service }) => service === path),
      end,
    ),
  );
  return ways.reduce((worst, way) => (worst === null || way === null ? null : Math.max(worst, way)), 0);
}

/**
 * How long after `end` a way was well again: something acknowledged since is seen at its end, and everything that was
 * acknowledged more than a second before. Null when that never came. Milliseconds.
 */
export function wayBack(all: readonly Reflected[], end: number): number | null {
  const since = Math.min(...all.flatMap(({ at, seenAt }) => (at >= end && seenAt !== null ? [seenAt] : [])));
  // Some of what was acknowledged before may come after all that was acknowledged since.
  const moments = all
    .flatMap(({ seenAt }) => (seenAt !== null && seenAt >= since ? [seenAt] : []))
    .sort((a, b) => a - b);
  const isWell = (moment: number) =>
    all.every(({ at, seenAt }) => at > moment - WELL_MS || (seenAt !== null && seenAt <= moment));
  const well = moments.find(isWell);
  return well === undefined ? null : well - end;
}

/** The longest that something acknowledged was missing in the score; null when something still is. Milliseconds. */
export function stalenessOf(all: readonly Reflected[]): number | null {
  if (all.some(({ seenAt }) => seenAt === null)) return null;
  return all.reduce((worst, { at, seenAt }) => Math.max(worst, seenAt! - at), 0);
}
