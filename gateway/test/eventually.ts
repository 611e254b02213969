import { setTimeout as pause } from 'node:timers/promises';

/** Waits until a condition holds, and gives what it gave. */
export async function eventually<T>(look: () => Promise<T | null | undefined | false>, ms = 30_000): Promise<T> {
  for (const until = Date.now() + ms; ; await pause(25)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > until) throw new Error(`What was waited for did not come in ${ms} ms: ${look}`);
  }
}
