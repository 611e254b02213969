/** Tells snapshots, a chunk of aggregates at a time, beside the commands that change them. */
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { SnapshotEndedSchema, SnapshotSchema } from '@merit/proto/events';
import type { Logger } from 'pino';
import { Counter } from 'prom-client';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { SNAPSHOT, SNAPSHOT_ENDED } from './envelope.js';
import { sqlState } from './errors.js';
import { nudge } from './outbox.js';
import { backoff, sleeper } from './pause.js';
import { MAX_EVENT_BYTES } from './record.js';
import { parseSubject } from './replay.js';
import type { AggregateState, SnapshotSource } from './snapshot.js';
import {
  appendRun,
  type Locked,
  lockAggregates,
  lockRun,
  type OpenRun,
  type RunRow,
  saveRun,
} from './snapshot.table.js';
import { registry } from './telemetry.js';

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

type Progress = Parameters<typeof saveRun>[1];

/** The next chunk of the type that the run is at; past its last aggregate, the next type, and past that the end. */
async function tellNext(
  sources: readonly SnapshotSource[],
  tx: EntityManager,
  run: OpenRun,
  size: number,
): Promise<Progress> {
  const at = Math.max(
    0,
    sources.findIndex(({ aggregateType }) => aggregateType === run.aggregateType),
  );
  const source = sources[at];
  if (!source) return { ...run, told: true, ended: false };
  const locked = await lockAggregates(tx, source.aggregateType, run.after, size);
  if (locked.length === 0) {
    const next = sources[at + 1];
    if (!next) return { ...run, told: true, ended: false };
    return { ...run, aggregateType: next.aggregateType, after: null, ended: false };
  }
  const states = await source.read(tx, run.after, size);
  // When there are more of them than were read, what is locked beyond the last is left to the next chunk.
  const last = locked.at(-1)!.id;
  const read = states.length < size ? last : states.at(-1)!.id;
  const [through] = [read, last].sort();
  const done = await tell(tx, run, source, locked, states);
  return { ...run, ...done, aggregateType: source.aggregateType, after: through!, told: false, ended: false };
}

/** The one aggregate that the run is about. Nobody waits for its end, so it has none on the topic. */
async function tellOne(sources: readonly SnapshotSource[], tx: EntityManager, run: OpenRun): Promise<Progress> {
  const { type, id } = parseSubject(run.subject!);
  const source = sources.find((each) => each.aggregateType === type);
  const done = { ...run, told: true, ended: true };
  if (!source) return done;
  const locked = (await lockAggregates(tx, type, before(id), 1)).filter((aggregate) => aggregate.id === id);
  return { ...done, ...(await tell(tx, run, source, locked, await source.read(tx, before(id), 1))) };
}

/**
 * Puts in line those aggregates that are locked and have a state. One without a lock came into being after the chunk was
 * locked, so readers get its events from the first; one that is locked and gone has nothing to be told of.
 */
async function tell(
  tx: EntityManager,
  run: OpenRun,
  { aggregateType }: SnapshotSource,
  locked: readonly Locked[],
  states: readonly AggregateState[],
): Promise<Pick<OpenRun, 'aggregates' | 'tooLarge'>> {
  const sequences = new Map(locked.map(({ id, sequence }) => [id, sequence]));
  const rows = states.flatMap((state) => {
    const sequence = sequences.get(state.id);
    return sequence === undefined ? [] : [rowOf(aggregateType, state, sequence)];
  });
  const fitting = rows.filter(({ payload }) => payload.byteLength <= MAX_EVENT_BYTES);
  await appendRun(tx, run.id, fitting);
  return {
    aggregates: run.aggregates + fitting.length,
    tooLarge: run.tooLarge + rows.length - fitting.length,
  };
}

const rowOf = (aggregateType: string, { id, key, agencyId, parts }: AggregateState, sequence: number): RunRow => ({
  eventId: v7(),
  aggregateType,
  aggregateId: id,
  sequence,
  key,
  type: SNAPSHOT,
  payload: toBinary(
    SnapshotSchema,
    create(SnapshotSchema, {
      parts: parts.map((part) => ({ ...part, occurredAt: timestampFromDate(part.occurredAt) })),
    }),
  ),
  headers: { ce_actor: 'system', ...(agencyId ? { ce_agency: agencyId } : {}) },
});

const endOf = ({ id, timeline, aggregates }: OpenRun): RunRow => ({
  eventId: v7(),
  aggregateType: 'snapshot',
  aggregateId: id,
  sequence: 1,
  key: id,
  type: SNAPSHOT_ENDED,
  payload: toBinary(SnapshotEndedSchema, create(SnapshotEndedSchema, { runId: id, timeline, aggregates })),
  headers: {},
});

/** The id right before another, so that reading behind it begins with that one. */
function before(id: string): string | null {
  const number = BigInt(`0x${id.replaceAll('-', '')}`);
  if (number === 0n) return null;
  return (number - 1n)
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const told = new Counter({
  name: 'merit_snapshot_aggregates_total',
  help: 'Aggregates whose state was put into the outbox for a snapshot.',
  registers: [registry],
});
