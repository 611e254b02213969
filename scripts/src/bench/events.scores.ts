/**
 * How fast one process of performance turns a backlog of counted hours into scores: each event about another person, so
 * that each moves a score of its own, which is the dearest case.
 */
import { createLog } from '@merit/chassis/log';
import { openTransport } from '@merit/chassis/transport/transport.open';
import pg from 'pg';
import { COMPETENCY, fillPeople, ledgers, records } from './events.backlog.js';
import { startProcess } from './events.process.js';
import type { Stores } from './events.stores.js';
import { cpuOf } from './gateway.cpu.js';
import { watchPeak } from './memory.js';

export interface ScoresOptions {
  readonly stores: Stores;
  /** Of the process's HTTP server, on the loopback address. */
  readonly port: number;
  /** People, and events: one about each. */
  readonly people: number;
  /** Further arguments for Node, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
}

export interface ScoresMeasured {
  readonly events: number;
  /** From the first chunk applied to the last. */
  readonly seconds: number;
  readonly perSecond: number;
  /** Processor time for an event: what bounds the rate, and is disturbed less by other work on the machine. Microseconds. */
  readonly processor: Processor;
  /** The most memory that the process had, as Linux counts it. */
  readonly peakBytes: number;
  /** Scores with a value at the end: as many as people, or the measurement is worth nothing. */
  readonly scores: number;
}

/** Microseconds of the processors. */
export interface Processor {
  /** Of the one process of performance, in all its threads. */
  readonly process: number;
  /** Of PostgreSQL: performance's tables and, where there is no Kafka, the log. */
  readonly postgres: number;
  readonly kafka: number;
}

/** Fills a database and a log, then starts the process and watches how far it has come. */
export async function measureScores(options: ScoresOptions): Promise<ScoresMeasured> {
  const env = await options.stores.env('scores');
  await (await start(env, options)).stop(); // for its tables
  const db = new pg.Client({ connectionString: env['DATABASE_URL'] });
  await db.connect();
  const transport = await openTransport(env, createLog('bench', 'warn'));
  try {
    for (const events of ledgers(await fillPeople(db, options.people))) {
      await transport.publish(COMPETENCY, records(events));
    }
    return await watch(db, env, options);
  } finally {
    await transport.close(5_000);
    await db.end();
  }
}

type Environment = Readonly<Record<string, string>>;

const start = (env: Environment, { port, nodeArguments = [] }: ScoresOptions) =>
  startProcess({ service: 'performance', env, port, nodeArguments });

/** Starts the process and looks at its offsets, which move in the same transaction as the scores. */
async function watch(db: pg.Client, env: Environment, options: ScoresOptions): Promise<ScoresMeasured> {
  const process = await start(env, options);
  const peak = watchPeak(process.pid);
  const look = () => ({ process: cpuOf([process.pid]), ...options.stores.processor() });
  let began: { at: number; applied: number; processor: Processor } | null = null;
  for (;;) {
    const { rows } = await db.query(`select sum(next_offset)::int as n from consumer_offset where topic = $1`, [
      COMPETENCY,
    ]);
    const applied: number = rows[0].n ?? 0;
    const at = performance.now();
    if (applied > 0) began ??= { at, applied, processor: look() };
    if (began && applied === options.people) {
      const processor = look();
      const { rows: found } = await db.query(
        `select count(*)::int as n from score s
           join score_version v on v.year = s.year and v.score_id = s.id and v.version = s.version and v.value is not null`,
      );
      await process.stop();
      const [events, seconds] = [applied - began.applied, (at - began.at) / 1_000];
      return {
        events,
        seconds,
        perSecond: events / seconds,
        processor: perEvent(began.processor, processor, events),
        peakBytes: peak(),
        scores: found[0].n,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @param before and after: milliseconds so far */
function perEvent(before: Processor, after: Processor, events: number): Processor {
  const of = (name: keyof Processor) => ((after[name] - before[name]) * 1_000) / events;
  return { process: of('process'), postgres: of('postgres'), kafka: of('kafka') };
}
