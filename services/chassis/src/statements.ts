/**
 * How many statements a request took, for its line in the log: a list's length must not show in it. Following each step
 * of a request costs time, so it is done at `LOG_LEVEL=debug` alone.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

interface Tally {
  statements: number;
}
const tallies = new AsyncLocalStorage<Tally>();

/** Runs what is called, and all that it leads to, with a count of its own. */
export function tallied(run: () => void): Tally {
  const tally = { statements: 0 };
  tallies.run(tally, run);
  return tally;
}

/** Notes a statement that is about to be sent, if anyone counts. */
export function noteStatement(): void {
  const tally = tallies.getStore();
  if (tally) tally.statements += 1;
}
