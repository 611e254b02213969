import { setTimeout as pause } from 'node:timers/promises';

/** Long enough for a group of Kafka's to find itself again on a busy machine. What holds is seen at once. */
const LIMIT_MS = 60_000;

/** Waits until a condition holds, which it may take a minute to do. `more` is said when it never does. */
export async function eventually(condition: () => boolean | Promise<boolean>, more = () => ''): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition} ${more()}`);
    await pause(10);
  }
}

/** Waits until expectations hold; when they never do, what they said last is the failure. */
export async function eventuallyHolds(expectations: () => Promise<void>): Promise<void> {
  let said: unknown;
  const hold = () =>
    expectations().then(
      () => true,
      (error: unknown) => {
        said = error;
        return false;
      },
    );
  await eventually(hold).catch((error) => {
    throw said ?? error;
  });
}
