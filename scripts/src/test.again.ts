/** More than these are no accident. */
const MOST = 3;
/** What these find once is found: something was lost, or happened twice. That it goes well the next time is no comfort. */
const NEVER = /\/(faults|kill)\.e2e\.test\.ts$/;

/** Of the test files that failed, those that are run once more, alone: most kill processes on a machine with other work. */
export const secondChance = (failed: readonly string[]): string[] =>
  failed.length > MOST ? [] : failed.filter((file) => !NEVER.test(file));
