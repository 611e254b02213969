import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds, which it may take half a minute to do. `more` is said when it never does. */
export async function eventually(condition: () => boolean | Promise<boolean>, more = () => ''): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition} ${more()}`);
    await pause(10);
  }
}
