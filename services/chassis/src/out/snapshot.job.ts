/** Tells snapshots, a chunk of aggregates at a time, beside the commands that change them. */
import type { Logger } from 'pino';
import { Counter } from 'prom-client';
import type { DataSource, EntityManager } from 'typeorm';
import { sqlState } from '../errors.js';
import { backoff, sleeper } from '../pause.js';
import { registry } from '../telemetry.js';
import { nudge } from './outbox.js';
import type { SnapshotSource } from './snapshot.js';
import { appendRun, lockRun, type OpenRun, saveRun } from './snapshot.table.js';
import { endOf, tellNext, tellOne } from './snapshot.tell.js';
import { timelineOf } from './timeline.js';

export interface SnapshotsOptions {
  readonly db: DataSource;
  /** One for each aggregate type that someone reads, told in this order. */
  readonly sources: readonly SnapshotSource[];
  readonly log: Logger;
}

export interface Snapshots {
  /** Whether the last look for something to tell went well. */
  ready(): boolean;
  /** Lets the running chunk end. */
  stop(): Promise<void>;
}

const CHUNK = 500;
const POLL_MS = 500;
/** Shorter than the second after which PostgreSQL looks for deadlocks: it is the snapshot that gives way, never a command. */
const LOCK_TIMEOUT = '300ms';

/**
 * Works on the runs that were asked for. Any number of a service's processes may; a run is worked on by one at a time,
 * and one that was broken off goes on from its last chunk.
 */
export function startSnapshots(options: SnapshotsOptions): Snapshots {
  const { db, log } = options;
  const { sleep, wake } = sleeper();
  let stopping = false;
  let healthy = false;
  let size = CHUNK;
  const running = (async () => {
    for (let failures = 0; !stopping; ) {
      let pause = 0;
      try {
        if (await db.transaction((tx) => step(options, tx, size))) nudge(db);
        else pause = POLL_MS;
        healthy = true;
        failures = 0;
        size = Math.min(CHUNK, size * 2);
      } catch (err) {
        pause = backoff(failures, 5_000);
        failures += 1;
        if (GIVES_WAY.includes(sqlState(err) ?? '')) size = Math.max(1, Math.floor(size / 4));
        else {
          healthy = false;
          log.warn({ err, failures }, 'a snapshot could not be told, trying again');
        }
      }
      if (pause > 0 && !stopping) await sleep(pause);
    }
  })();
  return {
    ready: () => healthy,
    async stop() {
      stopping = true;
      wake();
      await running;
    },
  };
}

/** lock_not_available, deadlock_detected */
const GIVES_WAY = ['55P03', '40P01'];

/** One chunk, or the end of a run; false when there is nothing to do. */
async function step({ sources, log }: SnapshotsOptions, tx: EntityManager, size: number): Promise<boolean> {
  await tx.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
  const run = await lockRun(tx);
  if (!run) return false;
  const timeline = await timelineOf(tx);
  if (run.timeline < timeline) {
    await saveRun(tx, fromTheStart(run, timeline));
    return true;
  }
  if (run.told) {
    if (run.tooLarge === 0) await appendRun(tx, run.id, [endOf(run)]);
    await saveRun(tx, { ...run, ended: true });
    log.info({ run: run.id, aggregates: run.aggregates, tooLarge: run.tooLarge }, 'the snapshot is told');
    return true;
  }
  const progress = run.subject === null ? await tellNext(sources, tx, run, size) : await tellOne(sources, tx, run);
  if (progress.tooLarge > run.tooLarge) {
    log.error(
      { run: run.id, type: progress.aggregateType, upTo: progress.after },
      'a snapshot is too large for a record',
    );
  }
  told.inc(progress.aggregates - run.aggregates);
  await saveRun(tx, progress);
  return true;
}

/** Its end would be taken for that of the timeline that was begun since, of which it has told only a part. */
const fromTheStart = (run: OpenRun, timeline: number) => ({
  ...{ ...run, timeline, aggregateType: null, after: null, aggregates: 0, tooLarge: 0 },
  ...{ told: false, ended: false },
});

const told = new Counter({
  name: 'merit_snapshot_aggregates_total',
  help: 'Aggregates whose state was put into the outbox for a snapshot.',
  registers: [registry],
});
