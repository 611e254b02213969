/** Keeps one process running until it is told to stop. */
import { until } from '@merit/infra/process';

export interface Launched {
  readonly pid: number;
  /** Settles when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts the process and resolves when it is ready; gives up, leaving nothing behind, when the signal is aborted. */
export type Launch = (signal: AbortSignal) => Promise<Launched>;

export interface Supervised {
  readonly name: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: () => number;
  /** As a power cut would; it is started again like after any other death. */
  readonly kill: () => void;
  /** Whether it is up, again if it was down, within `ms` milliseconds. */
  readonly back: (ms: number) => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

/** Pauses between attempts, in milliseconds: a process that dies at once must not keep the machine busy. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** A process that ran so long was well, and its next death is a new story. */
const WELL_AFTER_MS = 5_000;

/**
 * Starts a process and starts it again whenever it dies.
 * @param report is told of each death and return, one or more lines each
 * @param giveUp ends the first launch before it is done
 * @throws what the first launch throws
 */
export async function supervise(
  name: string,
  launch: Launch,
  report: (text: string) => void,
  giveUp?: AbortSignal,
): Promise<Supervised> {
  const stopping = new AbortController();
  giveUp?.throwIfAborted();
  let current = await launch(giveUp ?? stopping.signal);
  let down = false;

  const relaunch = async (first: number): Promise<void> => {
    for (let pause = first; !stopping.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await until(() => stopping.signal.aborted, pause);
      if (stopping.signal.aborted) return;
      try {
        current = await launch(stopping.signal);
        down = false;
        return;
      } catch (error) {
        if (!stopping.signal.aborted) report(`${name} could not be started again: ${(error as Error).message}`);
      }
    }
  };
  const watch = async (): Promise<void> => {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const since = Date.now();
      await current.ended;
      if (stopping.signal.aborted) return;
      down = true;
      if (Date.now() - since > WELL_AFTER_MS) pause = FIRST_PAUSE_MS;
      report(`${name} (process ${current.pid}) ended unexpectedly and is started again`);
      await relaunch(pause);
      if (stopping.signal.aborted) return;
      report(`${name} is back (process ${current.pid})`);
    }
  };
  const watching = watch();
  return {
    name,
    pid: () => current.pid,
    kill: () => {
      down = true;
      process.kill(current.pid, 'SIGKILL');
    },
    back: (ms) => until(() => !down, ms),
    stop: async () => {
      stopping.abort();
      await Promise.all([current.stop(), watching]);
      await current.stop(); // a launch that could not be given up has put another in its place
    },
  };
}

/** Like Promise.all, but waits for the others before it fails, so that none is started behind the caller's back. */
export async function everyOne<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(tasks);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
