/** Works off what concerns many, as soon as it is there. */
import type { Logger } from '@merit/chassis/log';
import type { By } from '@merit/chassis/outbox';
import { backoff, sleeper } from '@merit/chassis/pause';
import type { DataSource } from 'typeorm';
import { workOff } from './backlog.commands.js';
import { hasMarked } from './backlog.table.js';

/** The net below the nudge: for what another process has noted. */
const POLL_MS = 250;

/** Starts the job. Several processes may: a piece of work is in one hand at a time. */
export function startBacklog({ db, by, log }: { db: DataSource; by: By; log: Logger }): {
  ready(): boolean;
  stop(): Promise<void>;
} {
  const { sleep, wake } = sleeper();
  const nudge = {
    afterTransactionCommit({ queryRunner }: { queryRunner: Parameters<typeof hasMarked>[0] }) {
      if (!queryRunner.isTransactionActive && hasMarked(queryRunner)) wake();
    },
  };
  db.subscribers.push(nudge);
  let stopping = false;
  let failures = 0;
  const running = (async () => {
    while (!stopping) {
      let pause: number;
      try {
        pause = (await workOff(db, by)) ? 0 : POLL_MS;
        failures = 0;
      } catch (err) {
        pause = backoff(failures, 5_000);
        failures += 1;
        log.warn({ err, failures }, 'scores could not be computed anew, trying again');
      }
      if (pause > 0 && !stopping) await sleep(pause);
    }
  })();
  return {
    ready: () => failures < 10,
    async stop() {
      stopping = true;
      wake();
      await running;
      db.subscribers.splice(db.subscribers.indexOf(nudge), 1);
    },
  };
}
