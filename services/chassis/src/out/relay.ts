/** Publishes what commands have written into the outbox, in order, at least once. */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { Counter, Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { keepLease, type Lease } from '../lease.js';
import { backoff, repeating, sleeper } from '../pause.js';
import { registry } from '../telemetry.js';
import { heartbeat } from '../transport/envelope.js';
import type { EventTransport } from '../transport/transport.js';
import { onNudge } from './outbox.js';
import { type Backlog, backlogOf, clockOf, removePublished } from './outbox.table.js';
import { drain } from './relay.drain.js';

export interface RelayOptions {
  readonly db: DataSource;
  readonly transport: EventTransport;
  /** `/merit/competency`. */
  readonly source: string;
  /** `merit.competency.v1`. */
  readonly topic: string;
  readonly log: Logger;
  /**
   * How long published rows are kept, from when they were recorded: longer than the longest outage that a replay should
   * survive. 14 days unless told.
   */
  readonly retentionDays?: number;
}

export interface Relay {
  /** Whether the last look at the outbox went well, as leader or as standby. */
  ready(): boolean;
  /** Looks for events now. Not needed after a commit that appended some: that nudges by itself. */
  nudge(): void;
  /** Publishes what waits, for at most 5 s, and lets another process lead. */
  stop(): Promise<void>;
}

/** The net below the nudge: events of a process that leads no relay, or whose nudge came in between. */
const POLL_MS = 100;
const HEARTBEAT_MS = 15_000;
const TIDY_MS = 60_000;
const MEASURE_MS = 5_000;
const DRAIN_MS = 5_000;

/**
 * Starts the relay of a service. Any number of its processes may; one of them leads. It starts without transport or
 * database and goes on once they are there.
 *
 * One leader reads the rows that are not published, in the order of their ids. No cursor over ids, for a sequence's
 * order is not commit order: such a relay lost more than half of the events in a test. And never several at once with
 * `skip locked`, which turned the order around.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { db, topic, log } = options;
  const { sleep, wake } = sleeper();
  const lease = keepLease(db, `relay:${topic}`, randomUUID(), wake);
  const forget = onNudge(db, wake);
  const chores = choresOf(options, lease);
  let stopBy = Number.POSITIVE_INFINITY;
  let healthy = false;

  /** One look at the outbox; how long to sleep before the next. */
  const look = async (): Promise<number> => {
    const epoch = lease.epoch();
    if (epoch === null) return 1_000;
    const clock = chores.heartbeatDue() ? await clockOf(db) : null;
    const fence = { name: lease.name, holder: lease.holder, epoch };
    const done = await drain(options, fence, {
      goesOn: () => lease.epoch() === epoch && Date.now() < stopBy,
      onMarked: async (rows) => {
        healthy = true;
        published.inc({ topic }, rows);
      },
    });
    if (done === null) return 0;
    // More may have come since the last batch was read.
    if (Number.isFinite(stopBy)) return done > 0 ? 0 : -1;
    if (clock) await chores.beat(clock);
    await chores.tidy();
    return POLL_MS;
  };

  const run = async () => {
    for (let failures = 0; Date.now() < stopBy; ) {
      let pause: number;
      try {
        pause = await look();
        healthy = true;
        failures = 0;
      } catch (error) {
        healthy = false;
        pause = Number.isFinite(stopBy) ? 100 : backoff(failures, 5_000);
        failures += 1;
        log.warn({ err: error, topic, failures }, 'events could not be published, trying again');
      }
      if (pause < 0 || (Number.isFinite(stopBy) && lease.epoch() === null)) return;
      if (pause > 0) await sleep(pause);
    }
  };
  const running = run();
  // Beside the looks, which wait for the transport: how much waits is asked most when that is away.
  const measuring = repeating(chores.measure);

  return {
    ready: () => healthy,
    nudge: wake,
    async stop() {
      stopBy = Date.now() + DRAIN_MS;
      forget();
      wake();
      await running;
      await measuring.stop();
      chores.hide();
      await lease.release().catch(() => log.warn({ topic }, 'the lease could not be given up, it runs out in 3 s'));
    },
  };
}

/** What the leader does beside publishing, each in its own time. */
function choresOf({ db, transport, source, topic, log, retentionDays = 14 }: RelayOptions, lease: Lease) {
  const last = { beat: Number.NEGATIVE_INFINITY, tidy: performance.now() };
  // By a clock that nobody sets: one that was an hour ahead for a while must not keep the topic silent for an hour.
  const due = (chore: keyof typeof last, every: number) => performance.now() - last[chore] >= every;
  const hide = () => {
    for (const figure of [waiting, oldest, parked]) figure.remove({ topic });
  };
  return {
    heartbeatDue: () => due('beat', HEARTBEAT_MS),
    /** `clock` was read before the outbox was found empty: everything recorded by then has been published. */
    async beat(clock: Date): Promise<void> {
      const partitions = (await transport.ensureTopics([topic])).get(topic) ?? 0;
      const beats = Array.from({ length: partitions }, (_, i) => heartbeat(source, randomUUID(), clock, i));
      await transport.publish(topic, beats);
      last.beat = performance.now();
    },
    async tidy(): Promise<void> {
      if (!due('tidy', TIDY_MS)) return;
      if ((await removePublished(db, retentionDays)) === 0) last.tidy = performance.now();
    },
    /** The leader's word alone: what a standby would say is of when it led. How long until the next time. */
    async measure(): Promise<number> {
      if (lease.epoch() === null) {
        hide();
        return 1_000;
      }
      try {
        show(topic, await backlogOf(db));
      } catch (err) {
        log.warn({ err, topic }, 'how much waits to be published cannot be told');
      }
      return MEASURE_MS;
    },
    hide,
  };
}

const published = new Counter({
  name: 'merit_relay_published_total',
  help: 'Events published from the outbox.',
  labelNames: ['topic'],
  registers: [registry],
});
const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: ['topic'], registers: [registry] });
const waiting = gauge('merit_relay_backlog', 'Events in the outbox that are not published yet.');
const oldest = gauge('merit_relay_oldest_seconds', 'Age of the oldest event that is not published yet.');
const parked = gauge('merit_relay_parked', 'Events in the outbox whose key is parked, because one was refused.');

function show(topic: string, backlog: Backlog): void {
  waiting.set({ topic }, backlog.waiting);
  oldest.set({ topic }, backlog.oldestSeconds);
  parked.set({ topic }, backlog.parked);
}
