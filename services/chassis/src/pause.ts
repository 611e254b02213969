/** Waiting: how long after a failure, and so that it can be cut short. */

/**
 * Milliseconds to wait after so many failures in a row: doubling from 100 to at most 30 s, of which a random half, so
 * that those who failed together do not come back together.
 */
export function backoff(failures: number, most = 30_000): number {
  const whole = Math.min(most, 100 * 2 ** Math.min(failures, 20));
  return whole * (0.5 + Math.random() / 2);
}

export interface Sleeper {
  /** Resolves after so many milliseconds, or when woken; at once when woken since the last sleep. */
  sleep(ms: number): Promise<void>;
  wake(): void;
}

/** A sleep for one loop, which others may cut short. A wake-up during work is not lost: the next sleep ends at once. */
export function sleeper(): Sleeper {
  let woken = false;
  let end: (() => void) | undefined;
  return {
    async sleep(ms) {
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      end = undefined;
      woken = false;
    },
    wake() {
      woken = true;
      end?.();
    },
  };
}

/**
 * Does something again and again, each time so many milliseconds after the last as that has answered.
 * @param work throws nothing
 * @returns how to stop: answers when the one under way has ended
 */
export function repeating(work: () => Promise<number>): { stop(): Promise<void> } {
  const { sleep, wake } = sleeper();
  let stopping = false;
  const running = (async () => {
    while (!stopping) await sleep(await work());
  })();
  return {
    stop() {
      stopping = true;
      wake();
      return running;
    },
  };
}

/** What `work` gives, if it does within so many milliseconds. @throws when it does not; the work itself goes on */
export async function within<R>(ms: number, work: Promise<R>): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
