/** The end of a process: orderly when it is told to, at once when it no longer knows its own state. */
import type { Logger } from './log.js';

/** Longer than a request may take (10 s) and a relay to hand over; a supervisor kills after 30 s. Milliseconds. */
const PATIENCE_MS = 25_000;

/**
 * On SIGTERM or SIGINT runs the stops one after the other, in the order given: first what takes new work, last the
 * database. A stop that fails does not keep the next from running. Exits 0, or 1 when one failed or it took too long.
 * The same signal again exits at once; Ctrl-C and then SIGTERM, from whoever started the group, are one wish and not two.
 */
export function stopOnSignal(log: Logger, stops: readonly (() => Promise<void>)[]): void {
  const seen = new Set<NodeJS.Signals>();
  const stop = (signal: NodeJS.Signals) => {
    if (seen.has(signal)) process.exit(1);
    seen.add(signal);
    if (seen.size > 1) return;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error('stopping took too long');
      process.exit(1);
    }, PATIENCE_MS).unref();
    void runAll(log, stops).then((clean) => process.exit(clean ? 0 : 1));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/**
 * An error that nobody caught, or a promise that nobody waited for and that failed: what this process holds in memory is
 * in doubt, so it says why and exits with 1, for its supervisor to start another. Nothing that was answered is lost by
 * that: it is committed. Called first of all, it also says why a process could not start.
 */
export function exitOnUnhandled(log: Pick<Logger, 'fatal' | 'error'>): void {
  const exit = (err: unknown, why: string) => {
    log.fatal({ err }, why);
    process.exit(1);
  };
  process.on('uncaughtException', (err) => exit(err, 'ending, for nobody caught an error'));
  process.on('unhandledRejection', (err) => {
    if (isOfField(err)) log.error({ err }, 'a field failed when its answer had been given');
    else exit(err, 'ending, for nobody waited for what failed');
  });
}

/**
 * When an item of a list fails at once, graphql-js answers and waits no longer for the items before it. Their failure
 * leaves nothing in doubt, and a request could else end the process by it.
 */
const isOfField = (err: unknown): boolean =>
  err instanceof Error && err.name === 'GraphQLError' && Array.isArray((err as { path?: unknown }).path);

/** Runs each in turn; whether all succeeded. */
export async function runAll(
  log: Pick<Logger, 'error' | 'info'>,
  stops: readonly (() => Promise<void>)[],
): Promise<boolean> {
  let clean = true;
  for (const stop of stops) {
    try {
      await stop();
    } catch (err) {
      clean = false;
      log.error({ err }, 'a part did not stop in order');
    }
  }
  log.info('stopped');
  return clean;
}
