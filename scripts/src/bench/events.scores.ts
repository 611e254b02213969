/**
 * How fast one process of performance turns a backlog of counted hours into scores: each event about another person, so
 * that each moves a score of its own, which is the dearest case.
 */
import { readFileSync } from 'node:fs';
import { createLog } from '@merit/chassis/log';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { ensureDatabase } from '@merit/infra/postgres/postgres';
import pg from 'pg';
import { COMPETENCY, fillPeople, ledgers, records } from './events.backlog.js';
import { startProcess } from './events.process.js';
import { watchPeak } from './memory.js';

export interface ScoresOptions {
  /** An administrator's connection to a PostgreSQL server on which two databases are made. */
  readonly adminUrl: string;
  /** `host:port`; without it the events go through the embedded log. */
  readonly brokers?: string | undefined;
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
  /** Processor time of the process, in all threads; a figure that other work on the machine disturbs less. */
  readonly processorSeconds: number;
  /** The most memory that the process had, as Linux counts it. */
  readonly peakBytes: number;
  /** Scores with a value at the end: as many as people, or the measurement is worth nothing. */
  readonly scores: number;
}

const PASSWORD = 'bench';

/** Fills a database and a log, then starts the process and watches how far it has come. Leaves the databases behind. */
export async function measureScores(options: ScoresOptions): Promise<ScoresMeasured> {
  const name = `scores_${process.pid}_${Date.now()}`;
  const database = (suffix: string) =>
    ensureDatabase(options.adminUrl, { name: `${name}_${suffix}`, password: PASSWORD });
  const env = {
    DATABASE_URL: await database('performance'),
    ...(options.brokers ? { KAFKA_BROKERS: options.brokers } : { EVENT_LOG_URL: await database('eventlog') }),
  };
  await (await start(env, options)).stop(); // for its tables
  const db = new pg.Client({ connectionString: env.DATABASE_URL });
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
  let began: { at: number; applied: number; processor: number } | null = null;
  for (;;) {
    const { rows } = await db.query(`select sum(next_offset)::int as n from consumer_offset where topic = $1`, [
      COMPETENCY,
    ]);
    const applied: number = rows[0].n ?? 0;
    const at = performance.now();
    const processor = processorSeconds(process.pid);
    if (applied > 0) began ??= { at, applied, processor };
    if (began && applied === options.people) {
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
        processorSeconds: processor - began.processor,
        peakBytes: peak(),
        scores: found[0].n,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** In hundredths, as Linux counts them. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
