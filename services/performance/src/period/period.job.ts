/** Looks at the calendar: when a month has begun somewhere, its period reaches it. */
import { randomUUID } from 'node:crypto';
import { keepLease } from '@merit/chassis/lease';
import type { Logger } from '@merit/chassis/log';
import type { By } from '@merit/chassis/out/outbox';
import { sleeper } from '@merit/chassis/pause';
import type { DataSource } from 'typeorm';
import { reachCheckpoints } from './period.commands.js';

const EVERY_MS = 60_000;

/** Starts the job: at once, and each minute. Of several processes one does it, under a lease; twice would do no harm. */
export function startCalendar({ db, by, log }: { db: DataSource; by: By; log: Logger }): { stop(): Promise<void> } {
  const { sleep, wake } = sleeper();
  const lease = keepLease(db, 'performance-calendar', randomUUID(), wake);
  let stopping = false;
  const running = (async () => {
    while (!stopping) {
      if (lease.epoch() !== null) {
        try {
          const moved = await reachCheckpoints(db, by);
          if (moved > 0) log.info({ periods: moved }, 'a month has begun');
        } catch (err) {
          log.warn({ err }, 'periods could not be moved on, trying again in a minute');
        }
      }
      if (!stopping) await sleep(EVERY_MS);
    }
  })();
  return {
    async stop() {
      stopping = true;
      wake();
      await running;
      await lease.release();
    },
  };
}
