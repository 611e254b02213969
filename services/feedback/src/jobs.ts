/** What this service does of its own accord, by the clock: shipped calendars, limits that pass, measurements. */
import { randomUUID } from 'node:crypto';
import { keepLease } from '@merit/chassis/lease';
import type { Logger } from '@merit/chassis/log';
import { sleeper } from '@merit/chassis/pause';
import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { shipCalendars } from './calendar/calendar.commands.js';
import { passDeadlines } from './complaint/complaint.clocks.commands.js';
import type { By } from './publish.js';
import { measureDue } from './satisfaction/satisfaction.job.js';

/** Events that no person caused. */
const BY_SYSTEM: By = { actor: 'system', traceparent: null, newId: () => v7() };

/** Everything that is due at this moment. */
export async function runJobs(db: DataSource, by: By, now: Date): Promise<{ passed: number; measured: number }> {
  await db.transaction((tx) => shipCalendars(tx, by, now));
  const passed = await passDeadlines(db, by, now);
  const measured = await measureDue(db, by, now);
  return { passed, measured };
}

export interface Jobs {
  /** Whether the last run, if it was ours to do, went well. */
  ready(): boolean;
  /** Lets the run that is going on end, and another process lead. */
  stop(): Promise<void>;
}

/** An office that entered its forms sees the figures at once; a look that finds nothing takes 7 ms with 1,000 services. */
const EVERY_MS = 10_000;

/**
 * Runs the jobs at the start and every ten seconds, in one of the service's processes at a time. The lease only spares the
 * others the work: should two run at once, the rows that each job locks keep anything from being said twice.
 */
export function startJobs({ db, log }: { db: DataSource; log: Logger }): Jobs {
  const { sleep, wake } = sleeper();
  const lease = keepLease(db, 'jobs:feedback', randomUUID(), wake);
  let stopping = false;
  let healthy = true;

  const run = async () => {
    while (!stopping) {
      if (lease.epoch() !== null) {
        try {
          const done = await runJobs(db, BY_SYSTEM, new Date());
          if (done.passed + done.measured > 0) log.info(done, 'jobs done');
          healthy = true;
        } catch (err) {
          // Nothing of the chunk at fault was written; the next run begins there.
          log.error({ err }, 'a job failed');
          healthy = false;
        }
      }
      await sleep(EVERY_MS);
    }
  };
  const running = run();
  return {
    ready: () => healthy,
    stop: async () => {
      stopping = true;
      wake();
      await running;
      await lease.release();
    },
  };
}
