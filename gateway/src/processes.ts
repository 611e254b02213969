/** Several processes of the gateway behind one port, for a machine with several cores; this one looks after them. */
import cluster, { type Worker } from 'node:cluster';
import type { Logger } from '@merit/chassis/log';
import { backoff, type Sleeper, sleeper } from '@merit/chassis/pause';
import { stopOnSignal } from '@merit/chassis/shutdown';
import { RateLimiterClusterMaster } from 'rate-limiter-flexible';
import { answerFigures } from './figures.js';

/** Who lived so long has not failed at its start. Milliseconds. */
const STEADY_MS = 60_000;

/**
 * Keeps so many processes running: one that ends is started again, after longer and longer waits while it keeps ending.
 * Each new connection goes to the next of them. Callers' accounts are kept here, for all of them.
 *
 * When one ends before any has ever listened at the port of the graph, there is something that waiting does not mend, such as a port that is
 * taken: then this process ends too, with 1.
 */
export function keepProcesses(count: number, port: number, log: Logger): void {
  new RateLimiterClusterMaster();
  answerFigures();
  const state = { stopping: false, listened: false };
  const kept = Array.from({ length: count }, (_, place) => {
    const pause = sleeper();
    return { pause, ended: keep(place + 1, port, pause, state, log) };
  });
  stopOnSignal(log, [
    async () => {
      state.stopping = true;
      for (const { pause } of kept) pause.wake();
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
      const clean = await Promise.all(kept.map(({ ended }) => ended));
      if (clean.includes(false)) throw new Error('a process of the gateway did not stop in order');
    },
  ]);
}

/** Keeps one place filled until the stop; whether its last process ended in order. */
async function keep(
  place: number,
  port: number,
  pause: Sleeper,
  state: { readonly stopping: boolean; listened: boolean },
  log: Logger,
): Promise<boolean> {
  for (let failures = 0; ; ) {
    const began = Date.now();
    const worker = cluster.fork({ GATEWAY_PLACE: String(place) });
    worker.on('listening', (address) => {
      if (address.port === port) state.listened = true;
    });
    // What was on its way to one that is gone; whoever sent it will notice.
    worker.on('error', (err) => log.debug({ err, place }, 'a process of the gateway could not be told something'));
    const { code, signal } = await ended(worker);
    if (state.stopping) return code === 0;
    if (!state.listened) {
      log.fatal({ code, signal }, 'ending, for a process of the gateway could not begin');
      process.exit(1);
    }
    failures = Date.now() - began > STEADY_MS ? 0 : failures + 1;
    log.error({ place, pid: worker.process.pid, code, signal, failures }, 'a process of the gateway ended');
    await pause.sleep(backoff(failures));
    if (state.stopping) return true;
  }
}

const ended = (worker: Worker) =>
  new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    worker.once('exit', (code, signal) => resolve({ code, signal })),
  );
