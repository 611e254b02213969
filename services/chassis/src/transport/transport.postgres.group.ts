/** A member of a group that reads the log in PostgreSQL: one reads, the others stand by. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { keepLease, type Lease } from '../lease.js';
import { backoff, sleeper } from '../pause.js';
import type { ChunkHandler, GroupSubscription } from './transport.js';
import { connected } from './transport.measured.js';
import {
  endsOf,
  joinGroup,
  makeTopics,
  nameOf,
  notePlace,
  type Place,
  placesOf,
  readLog,
  watermarksOf,
} from './transport.postgres.table.js';

interface GroupOptions {
  readonly db: DataSource;
  readonly url: string;
  readonly group: string;
  readonly topics: readonly string[];
  readonly onChunk: ChunkHandler;
  readonly log: Logger;
}

/** The net below the notification. */
const POLL_MS = 500;
/**
 * Partitions in hand at a time: while the database works on one's chunk, the process works on another's. A few, for each
 * takes a connection.
 */
const AT_ONCE = 3;

export function startGroup(options: GroupOptions): GroupSubscription {
  const { db, group, topics, log } = options;
  const { sleep, wake } = sleeper();
  const lease = keepLease(db, `group:${group}`, randomUUID(), wake);
  const ear = listen(options.url, wake, log);
  let stopping = false;
  let healthy = true;
  let mine: { epoch: number; clusterId: string; places: Place[] } | null = null;

  /** The places of the group in the log that is there now, which may have been made anew, empty. */
  const join = async (): Promise<Place[]> => {
    await makeTopics(db, topics);
    await joinGroup(db, group, topics);
    return placesOf(db, group, topics);
  };

  /** Reads what is there, a chunk of each partition; how long to sleep before the next round. */
  const round = async (): Promise<number> => {
    const epoch = lease.epoch();
    if (epoch === null) return POLL_MS;
    const { clusterId, ends } = await endsOf(db, topics);
    if (mine?.epoch !== epoch || mine.clusterId !== clusterId) mine = { epoch, clusterId, places: await join() };
    const due = mine.places.filter(
      (place) => place.restsUntil <= performance.now() && place.next !== (ends.get(nameOf(place)) ?? 0),
    );
    let read = 0;
    const work = async () => {
      for (let place = due.shift(); place && !stopping && lease.epoch() === epoch; place = due.shift()) {
        read += await readPlace(options, { lease, epoch }, place);
      }
    };
    // All of them have ended before the next round begins, also where one has failed: a partition is in one hand.
    const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
    if (read > 0) return 0;
    const rests = mine.places.map(({ restsUntil }) => restsUntil - performance.now()).filter((ms) => ms > 0);
    return Math.min(POLL_MS, ...rests);
  };

  const run = async () => {
    for (let failures = 0; !stopping; ) {
      try {
        const pause = await round();
        healthy = true;
        failures = 0;
        if (pause > 0) await sleep(pause);
      } catch (err) {
        healthy = false;
        mine = null;
        log.warn({ err, group }, 'the event log could not be read, trying again');
        await sleep(backoff(failures, 5_000));
        failures += 1;
      }
    }
  };
  const running = run();

  return {
    ready: () => healthy,
    async stop() {
      stopping = true;
      wake();
      await running;
      await ear.close();
      await lease.release().catch(() => log.warn({ group }, 'the lease could not be given up, it runs out in 3 s'));
    },
  };
}

interface Ownership {
  readonly lease: Lease;
  readonly epoch: number;
}

/** Hands one chunk over and notes how far that went; how many records it had. Never throws for what the handler did. */
async function readPlace(options: GroupOptions, { lease, epoch }: Ownership, place: Place): Promise<number> {
  const { db, group, onChunk, log } = options;
  const { topic, partition } = place;
  const chunk = await readLog(db, place);
  if (chunk === null) {
    // Beyond the end: the log was made anew, or a backup of it was restored. Begin again; readers know what they had.
    place.next = (await watermarksOf(db, place)).low;
    return 0;
  }
  try {
    const watermarks = () => watermarksOf(db, place);
    place.next = await onChunk({ ...chunk, topic, partition, assignment: epoch, watermarks });
    place.failures = 0;
  } catch (err) {
    place.restsUntil = performance.now() + backoff(place.failures);
    place.failures += 1;
    log.warn({ err, group, topic, partition, failures: place.failures }, 'events could not be applied, trying again');
    return 0;
  }
  await notePlace(db, group, { name: lease.name, holder: lease.holder, epoch }, place);
  return chunk.records.length;
}

/** Wakes the reader when something is appended. When the connection breaks it is made anew; meanwhile there is the poll. */
function listen(url: string, wake: () => void, log: Logger): { close(): Promise<void> } {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let failures = 0;

  const connect = async () => {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'merit-event-log',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000, // nothing is ever asked on it: only so does it come out that it is dead
    });
    client = fresh;
    fresh.on('notification', wake);
    fresh.on('error', (err) => log.debug({ err }, 'the ear on the event log broke'));
    try {
      await fresh.connect();
      fresh.on('end', again);
      await fresh.query('listen merit_log');
      connected('read');
      failures = 0;
      wake(); // for what came before we listened
    } catch {
      await fresh.end().catch(() => undefined);
      again();
    }
  };
  const again = () => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => (connecting = connect()), backoff(failures++, 10_000));
  };
  let connecting = connect();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await connecting;
      await client?.end().catch(() => undefined);
    },
  };
}
