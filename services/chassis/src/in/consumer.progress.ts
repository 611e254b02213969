/** Whether a consumer comes forward: connected is not enough, for a client can restart for ever and read nothing. */
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { DataSource } from 'typeorm';
import { repeating } from '../pause.js';
import { registry } from '../telemetry.js';
import type { EventTransport, PartitionLag } from '../transport/transport.js';
import type { Done } from './consumer.transaction.js';
import { nextOffsets, type Place } from './inbox.table.js';
import { openProgress } from './rebuild.table.js';

const EVERY_MS = 5_000;
/** Longer than a group takes to give a dead member's partitions to another, and than a chunk may take. */
const STALLED_MS = 30_000;

interface ProgressOptions {
  readonly db: DataSource;
  readonly transport: EventTransport;
  readonly group: string;
  readonly topics: readonly string[];
  readonly log: Logger;
}

export interface Progress {
  /** False while the lag cannot be asked for, and when a partition has had one for 30 s without coming forward. */
  healthy(): boolean;
  stop(): Promise<void>;
}

/**
 * Asks for the lag every 5 s, and for the figures that `/metrics` shows: each for itself, since what the database knows is
 * wanted most when the transport is away.
 */
export function watchProgress({ db, transport, group, topics, log }: ProgressOptions): Progress {
  let still: Still = new Map();
  let known = false;
  const look = async (): Promise<number> => {
    try {
      const lags = await transport.lag(group, topics);
      for (const { topic, partition, lag } of lags) lagging.set({ topic, partition }, lag);
      still = stillAt(still, lags, await nextOffsets(db, topics));
      known = true;
      return EVERY_MS;
    } catch (err) {
      known = false;
      log.warn({ err, group }, 'the lag cannot be told');
      return 1_000;
    }
  };
  const measure = async (): Promise<number> => {
    try {
      for (const { topic, partition, next } of await nextOffsets(db, topics)) reached.set({ topic, partition }, next);
      await measureLetters(db, topics);
      await measureRebuilds(db);
    } catch (err) {
      log.warn({ err, group }, 'what this reader has come to cannot be told');
    }
    return EVERY_MS;
  };
  const loops = topics.length > 0 ? [repeating(look), repeating(measure)] : [];
  return {
    healthy: () => known && [...still.values()].every(({ since }) => performance.now() - since < STALLED_MS),
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

/** The partitions that have something to read: at which offset, and since when they have been there. */
type Still = ReadonlyMap<string, { readonly at: number | undefined; readonly since: number }>;

/** By the offset in the database, which whoever of the group has the partition moves with each chunk. */
function stillAt(
  before: Still,
  lags: readonly PartitionLag[],
  places: readonly { readonly topic: string; readonly partition: number; readonly next: number }[],
): Still {
  const nameOf = ({ topic, partition }: Place) => `${topic}/${partition}`;
  const next = new Map(places.map((place) => [nameOf(place), place.next]));
  const behind = lags.filter(({ lag }) => lag > 0).map(nameOf);
  return new Map(
    behind.map((name) => {
      const known = before.get(name);
      const at = next.get(name);
      return [name, known && known.at === at ? known : { at, since: performance.now() }];
    }),
  );
}

const lagging = new Gauge({
  name: 'merit_consumer_lag',
  help: 'Records of a partition that were not read yet. While the transport is away, as it was told last.',
  labelNames: ['topic', 'partition'],
  registers: [registry],
});
const reached = new Gauge({
  name: 'merit_consumer_offset',
  help: 'Where a partition is read on, as the reader’s own database says.',
  labelNames: ['topic', 'partition'],
  registers: [registry],
});
const letters = new Gauge({
  name: 'merit_dead_letters',
  help: 'Events set aside, and those that wait behind them.',
  labelNames: ['topic'],
  registers: [registry],
});
const freshness = new Gauge({
  name: 'merit_consumer_age_seconds',
  help: 'How old the last event or heartbeat is, for the oldest partition of a topic. +Inf while one of them was never heard from.',
  labelNames: ['topic'],
  registers: [registry],
});
const events = new Counter({
  name: 'merit_consumer_events_total',
  help: 'Records by what became of them: applied, unknown (of a type that nobody here wants), repeated, parked, replaced (snapshots that took the place of what was).',
  labelNames: ['topic', 'outcome'],
  registers: [registry],
});

const gapsSeen = new Counter({
  name: 'merit_consumer_gaps_total',
  help: 'Events set aside because events before them were missing.',
  labelNames: ['topic'],
  registers: [registry],
});
const inversionsSeen = new Counter({
  name: 'merit_consumer_inversions_total',
  help: 'Events that were not had before and came after a later event of their aggregate: out of order on the topic, or sent again to fill a gap. None of them took effect out of order.',
  labelNames: ['topic'],
  registers: [registry],
});
const chunkSeconds = new Histogram({
  name: 'merit_consumer_chunk_seconds',
  help: 'How long the transaction of a chunk took.',
  labelNames: ['topic'],
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers: [registry],
});
const chunkRecords = new Histogram({
  name: 'merit_consumer_chunk_records',
  help: 'How many records a chunk had.',
  labelNames: ['topic'],
  buckets: [1, 5, 10, 50, 100, 250, 500, 1_000, 2_500],
  registers: [registry],
});
const rebuildProgress = new Gauge({
  name: 'merit_rebuild_progress',
  help: 'Of a read model that is built anew: the share of partitions on which its snapshot is complete; of personnel’s own, the share of its aggregates that are in it.',
  labelNames: ['model'],
  registers: [registry],
});

/** A topic without heartbeats has no age. */
async function measureLetters(db: DataSource, topics: readonly string[]): Promise<void> {
  const rows: { topic: string; letters: number; silent: boolean; age: number | null }[] = await db.query(
    `select topic, (select count(*)::int from dead_letter d where d.topic = o.topic and state = 'WAITING') as letters,
            not bool_or(heartbeats) as silent,
            case when bool_and(as_of is not null) filter (where heartbeats)
                 then extract(epoch from clock_timestamp() - min(as_of) filter (where heartbeats))::float8 end as age
       from consumer_offset o where topic = any($1) group by topic`,
    [topics],
  );
  for (const { topic, letters: waiting, silent, age } of rows) {
    letters.set({ topic }, waiting);
    if (!silent) freshness.set({ topic }, age ?? Number.POSITIVE_INFINITY);
  }
}

/** A rebuild that is over is shown no longer. */
async function measureRebuilds(db: DataSource): Promise<void> {
  const open = await openProgress(db);
  rebuildProgress.reset();
  for (const { model, progress } of open) rebuildProgress.set({ model }, progress);
}

/** Adds what a chunk came to. A type that nobody here wants is passed over; its number counts all the same. */
export function count(topic: string, done: Done, wanted: ReadonlySet<string>): void {
  const { applied, repeated, parked, replaced, gaps, inversions } = done;
  const known = applied.filter(({ type }) => wanted.has(type)).length;
  const outcomes = { applied: known, unknown: applied.length - known, repeated, parked, replaced };
  for (const [outcome, n] of Object.entries(outcomes)) if (n > 0) events.inc({ topic, outcome }, n);
  gapsSeen.inc({ topic }, gaps);
  inversionsSeen.inc({ topic }, inversions);
  chunkSeconds.observe({ topic }, done.seconds);
  chunkRecords.observe({ topic }, done.records);
}

/** A line for each chunk that was not just applied, and one for each other at the level `debug`. */
export function tell(log: Logger, topic: string, { applied, seconds, ...figures }: Done): void {
  const { parked, replaced } = figures;
  const level = parked > 0 ? 'warn' : replaced > 0 ? 'info' : 'debug';
  log[level]({ topic, ...figures, applied: applied.length, ms: Math.round(seconds * 1_000) }, 'chunk done');
}
