/** When to believe that something is lost. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Finding } from './checker.finding.js';

const LOOK_MS = 1_000;

/**
 * Looks again while something is missing: what is under way arrives, what is lost does not. On a machine with other work
 * much may be under way, so it is waited for as long as it becomes less.
 * @param patienceMs how long nothing more arrives before the rest counts as lost
 */
export async function settle(
  look: () => Promise<Finding[]>,
  patienceMs: number,
  lookMs: number = LOOK_MS,
): Promise<Finding[]> {
  let [least, since] = [Number.POSITIVE_INFINITY, 0];
  for (;;) {
    const findings = await look();
    const missing = findings.filter(({ kind }) => kind === 'lost' || kind === 'waiting').length;
    if (missing === 0) return findings;
    if (missing < least) [least, since] = [missing, Date.now()];
    else if (Date.now() - since > patienceMs) return findings;
    await pause(lookMs);
  }
}
