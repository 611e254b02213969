/** What an operating system knows of a process: whether it lives, what it runs, and how it is made to end. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { trouble } from './trouble.js';

/** Asks every 50 ms until the condition holds. False when `ms` milliseconds have passed without it. */
export async function until(condition: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() >= deadline) return false;
    await pause(50);
  }
  return true;
}

/** The command line of a living process; undefined for one that has ended, also when nobody has collected it yet. */
export function commandOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    // A process that ended and was not collected has an empty command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
  } catch {
    return commandByPs(pid);
  }
}

/** The same where there is no /proc (macOS). */
function commandByPs(pid: number): string | undefined {
  try {
    const answer = execFileSync('ps', ['-o', 'stat=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return answer === '' || answer.startsWith('Z') ? undefined : answer;
  } catch {
    return undefined;
  }
}

/** Sends each signal in turn, waiting for the process to end between them; answers when it has ended. */
export async function endProcess(
  pid: number,
  steps: readonly { signal: NodeJS.Signals; waitMs: number }[],
): Promise<void> {
  for (const { signal, waitMs } of steps) {
    try {
      process.kill(pid, signal);
    } catch {
      return; // already gone
    }
    if (await until(() => commandOf(pid) === undefined, waitMs)) return;
  }
}

/**
 * A function that ends this process, and nothing once it has ended: its number may be another program's by then.
 * @param ended as {@link whenEnded} gives it
 */
export function stopper(
  pid: number,
  ended: Promise<void>,
  steps: readonly { signal: NodeJS.Signals; waitMs: number }[],
): () => Promise<void> {
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  return async () => {
    if (!gone) await endProcess(pid, steps);
  };
}

/** Settles when a process has ended: at once for a child, within a quarter second for one that another started. */
export function whenEnded(pid: number, child?: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child) {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
      return;
    }
    const watch = setInterval(() => {
      if (commandOf(pid) !== undefined) return;
      clearInterval(watch);
      resolve();
    }, 250);
    watch.unref(); // watching alone keeps no program running
  });
}

/** Whether a server could listen on this port of the loopback address now. */
export const portIsFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });

/** @throws Trouble when a program already listens where `what` should */
export async function requireFreePort(port: number, what: string): Promise<void> {
  if (await portIsFree(port)) return;
  throw trouble(
    `Port ${port} is in use by another program, so ${what} cannot start there: end that program, or move all of Merit's ports with MERIT_PORT.`,
  );
}

/** A port of the loopback address that nobody listens on, picked by the operating system. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/**
 * The same for what is stopped and started there again: 10,000 to 19,999, below those from which the system takes ports
 * for outgoing connections, any of which may be gone a moment later.
 */
export async function stablePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + ((await freePort()) % 10_000);
    if (await portIsFree(port)) return port;
  }
}
