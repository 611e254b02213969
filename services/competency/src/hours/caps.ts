import { groupBy } from '@merit/chassis/group-by';
import type { Day } from '@merit/chassis/local-date';
import { type Amount, fill, largestFirst, unitsOf } from './amount.js';
import { countOverlapsOnce } from './overlap.js';
import type { Portion } from './portion.js';
import { type ContractCap, inForce } from './rules.js';

/** A portion's share of one day. */
export interface Slice extends Amount {
  readonly portion: Portion;
  readonly day: Day;
}

/** What counts of a portion. */
export interface Part extends Amount {
  readonly portion: Portion;
}

/**
 * Each form's own cap, or that of a day for those that have none.
 * @param slices by day, then id
 */
export function applyFormCaps(slices: readonly Slice[], scale: bigint): void {
  for (const [cap, its] of groupBy(slices, ({ portion }) => portion.cap)) {
    if (cap === null) continue;
    const room = unitsOf(cap.hours, scale);
    switch (cap.per) {
      case 'ACTIVITY':
        for (const one of groupBy(its, ({ portion }) => portion.record).values()) fill(one, room, 'CAP_PER_ACTIVITY');
        break;
      case 'SESSION':
        capSessions(its, room, cap.sessionsPerMonth);
        break;
      case 'DAY':
        for (const one of groupBy(its, ({ day }) => day).values()) {
          if (cap.form === null) countOverlapsOnce(one);
          fill(one, room, 'CAP_PER_DAY');
        }
        break;
      default:
        cap satisfies never;
    }
  }
}

/** Each session up to its cap; of each month, the longest ones. */
function capSessions(sessions: readonly Slice[], room: bigint, perMonth: number): void {
  for (const session of sessions) fill([session], room, 'CAP_PER_SESSION');
  for (const month of groupBy(sessions, ({ portion }) => portion.record.startsOn.slice(0, 7)).values()) {
    const others = [...month].sort(largestFirst(({ left }) => left)).slice(perMonth);
    fill(others, 0n, 'CAP_SESSIONS_PER_MONTH');
  }
}

/**
 * More than the cap of a contract year is recorded, does not count, and is never refused (PP 49/2018).
 * @param parts by first day, then id
 */
export function applyContractCaps(
  parts: readonly Part[],
  caps: readonly ContractCap[],
  anniversary: string,
  scale: bigint,
): void {
  for (const [year, its] of groupBy(parts, ({ portion }) => portion.contractYear)) {
    const cap = inForce(caps, `${year}-${anniversary}`);
    if (cap) fill(its, unitsOf(cap.hours, scale), 'CAP_CONTRACT_YEAR');
  }
}
