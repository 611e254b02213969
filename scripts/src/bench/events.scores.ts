/**
 * How fast one process of performance turns a backlog of counted hours into scores: each event about another person, so
 * that each moves a score of its own, which is the dearest case.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { toRecord } from '@merit/chassis/envelope';
import { createLog } from '@merit/chassis/log';
import { encode } from '@merit/chassis/outbox';
import type { EventTransport } from '@merit/chassis/transport';
import { openTransport } from '@merit/chassis/transport.open';
import { ensureDatabase } from '@merit/infra/postgres/postgres';
import { LearningHoursCountedSchema } from '@merit/proto/competency';
import pg from 'pg';
import { v7 } from 'uuid';
import { ROOT } from '../start.plan.js';
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

const TOPIC = 'merit.competency.v1';
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
    await publish(transport, await fill(db, options.people));
    return await watch(db, env, options);
  } finally {
    await transport.close(5_000);
    await db.end();
  }
}

type Environment = Readonly<Record<string, string>>;

interface Running {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts the process; it is there when it answers. */
async function start(env: Environment, { port, nodeArguments = [] }: ScoresOptions): Promise<Running> {
  const script = path.join(ROOT, 'services', 'performance', 'dist', 'index.js');
  const child = spawn(process.execPath, [...nodeArguments, script], {
    env: { ...process.env, ...env, PORT: String(port), OIDC_ISSUER: 'http://127.0.0.1:9', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const answers = async (): Promise<void> => {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => null);
      if (response?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.race([
    answers(),
    ended.then((code) => Promise.reject(new Error(`The process ended with ${code} before it answered.`))),
  ]);
  return {
    pid: child.pid!,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** People of one agency, in the year and month of now, as the directory would know them. */
async function fill(db: pg.Client, people: number): Promise<string[]> {
  const agencyId = v7();
  await db.query(`insert into directory_agency (id, name, time_zone) values ($1, 'Kota', 'Asia/Jakarta')`, [agencyId]);
  const { rows } = await db.query<{ id: string }>(
    `insert into directory_employee (id, kind, service_from)
     select uuidv7(), 'PNS', '2015-03-01' from generate_series(1, $1) returning id`,
    [people],
  );
  await db.query(
    `insert into directory_employment (employee_id, agency_id, valid_from)
     select id, $1, service_from from directory_employee`,
    [agencyId],
  );
  await db.query(
    `insert into performance_period (id, agency_id, year, kind, starts_on, ends_on, time_zone, checkpoint)
     select $1, $2, extract(year from today), 'ANNUAL', date_trunc('year', today),
            date_trunc('year', today) + interval '1 year - 1 day', 'Asia/Jakarta', date_trunc('month', today)
       from (select now() at time zone 'Asia/Jakarta' as today)`,
    [v7(), agencyId],
  );
  await db.query('analyze');
  return rows.map(({ id }) => id);
}

/** A ledger of two trainings for each. */
async function publish(transport: EventTransport, people: readonly string[]): Promise<void> {
  const now = new Date();
  const year = Number(new Date(now.getTime() + 7 * 3_600_000).toISOString().slice(0, 4)); // in Jakarta
  const record = (hours: string) => ({ enrolmentId: v7(), eventId: v7(), eventType: 'TrainingCompleted', hours });
  const ledger = (employeeId: string) => ({
    ledgerId: v7(),
    employeeId,
    year,
    counted: '11',
    entitlement: '20',
    version: 1n,
    records: [
      { ...record('8'), counted: '8', reason: '' },
      { ...record('6'), counted: '3', reason: 'CAP_PER_DAY' },
    ],
  });
  for (let n = 0; n < people.length; n += 1_000) {
    const records = people.slice(n, n + 1_000).map((employeeId) => {
      const value = ledger(employeeId);
      return toRecord({
        id: v7(),
        source: '/merit/competency',
        type: LearningHoursCountedSchema.typeName,
        aggregate: `learning/${value.ledgerId}`,
        sequence: 1,
        occurredAt: now,
        recordedAt: now,
        key: employeeId,
        payload: encode(LearningHoursCountedSchema, value),
        headers: { ce_actor: 'system' },
      });
    });
    await transport.publish(TOPIC, records);
  }
}

/** Starts the process and looks at its offsets, which move in the same transaction as the scores. */
async function watch(db: pg.Client, env: Environment, options: ScoresOptions): Promise<ScoresMeasured> {
  const process = await start(env, options);
  const peak = watchPeak(process.pid);
  let began: { at: number; applied: number; processor: number } | null = null;
  for (;;) {
    const { rows } = await db.query(`select sum(next_offset)::int as n from consumer_offset where topic = $1`, [TOPIC]);
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
