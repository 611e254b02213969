/**
 * Work that concerns many: noted in a table of the service's own in the transaction that makes it necessary, and done
 * afterwards, a chunk a transaction.
 */
import type { Logger } from 'pino';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { backoff, sleeper } from './pause.js';

const noted = new WeakSet<QueryRunner>();

/** To be called in the transaction that notes work: the job looks for it right after the commit. */
export function noteWork(tx: EntityManager): void {
  if (tx.queryRunner) noted.add(tx.queryRunner);
}

/**
 * Two kinds of change meet in what is derived of many people: who belongs somewhere, and what is known of that place. A
 * change of the second kind is applied to whoever belongs there when its turn comes; someone whose belonging is being
 * written at that moment would be seen by neither transaction. So those who write belonging hold this lock together, and
 * each chunk of a backlog holds it alone: it waits until they have committed, and they see what it was about. A lock of
 * the transaction, so that it works behind a pooler.
 */
const BELONGING = `hashtext('merit.belonging')`;
export const shareBelonging = (tx: EntityManager): Promise<unknown> =>
  tx.query(`select pg_advisory_xact_lock_shared(${BELONGING})`);
export const holdBelonging = (tx: EntityManager): Promise<unknown> =>
  tx.query(`select pg_advisory_xact_lock(${BELONGING})`);

export interface BacklogOptions {
  readonly db: DataSource;
  /**
   * Does one chunk of what waits, in a transaction that also notes how far that came; false when nothing waits that
   * nobody else has in hand. The row of the work is the lease: claimed `for update skip locked`, it is free again when
   * the transaction ends, or the process.
   */
  readonly workOff: (db: DataSource) => Promise<boolean>;
  /** For the log: `scores could not be computed anew`. */
  readonly failure: string;
  readonly log: Logger;
}

export interface Backlog {
  ready(): boolean;
  /** Lets the running chunk end. */
  stop(): Promise<void>;
}

/** The net below the nudge: for what another process has noted. */
const POLL_MS = 250;

/** Works off what was noted, as soon as it is there. Several processes may: a piece of work is in one hand at a time. */
export function startBacklog({ db, workOff, failure, log }: BacklogOptions): Backlog {
  const { sleep, wake } = sleeper();
  const nudge = {
    afterTransactionCommit({ queryRunner }: { queryRunner: QueryRunner }) {
      // The release of a savepoint is reported as a commit too; the transaction is still open then.
      if (!queryRunner.isTransactionActive && noted.has(queryRunner)) wake();
    },
  };
  db.subscribers.push(nudge);
  let stopping = false;
  let failures = 0;
  const running = (async () => {
    while (!stopping) {
      let pause: number;
      try {
        pause = (await workOff(db)) ? 0 : POLL_MS;
        failures = 0;
      } catch (err) {
        pause = backoff(failures, 5_000);
        failures += 1;
        log.warn({ err, failures }, `${failure}, trying again`);
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
