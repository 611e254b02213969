/** Load on an HTTP server, from a process of its own: as fast as so many connections go, or so many requests a second. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Job {
  readonly url: string;
  /** Asked one after the other, again from the first when all have been. */
  readonly asks: readonly Ask[];
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, on time whether or not earlier ones are answered; null: each connection asks when it is answered. */
  readonly rate: number | null;
}

export interface Loaded {
  readonly answered: number;
  readonly perSecond: number;
  /** Milliseconds; of a fixed rate, from when a request was due, so that what waits for others counts. */
  readonly p50: number;
  readonly p99: number;
  /** Answered with another status than 200 or with GraphQL errors, or not at all; and the first of them. */
  readonly failed: number;
  readonly failure: string | null;
  /** Of a fixed rate: still waiting to be sent at the end. */
  readonly unsent: number;
}

export interface LoadProcess {
  readonly run: (job: Job) => Promise<Loaded>;
  readonly stop: () => void;
}

export function startLoadProcess(): LoadProcess {
  const child = fork(fileURLToPath(new URL('gateway.load.child.js', import.meta.url)), { stdio: 'inherit' });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const ended = () => reject(new Error('The process that makes the load has ended.'));
        child.once('exit', ended);
        child.once('message', (loaded) => {
          child.off('exit', ended);
          resolve(loaded as Loaded);
        });
        child.send(job);
      }),
    stop: () => {
      process.off('exit', kill);
      kill();
    },
  };
}
