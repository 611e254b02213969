/** A service's own PostgreSQL: its migrations, then its connections. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import pg from 'pg';
import { Gauge } from 'prom-client';
import { DataSource, type EntitySchema, type Logger as StatementLogger } from 'typeorm';
import { OLDEST, openPrepared } from './prepared.js';
import { hangUpOnSilence } from './silence.js';
import { noteStatement } from './statements.js';
import { registry } from './telemetry.js';

export interface Migration {
  /** The file's name without `.sql`, unique among all folders. */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly entities: EntitySchema[];
  /** Folders of `YYYYMMDDHHMM-name.sql`, applied in this order, and by name within each. */
  readonly migrations: readonly URL[];
  /** Most connections of this process, and as many for reads by keys; 10 unless told. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`. */
  readonly name: string;
}

/** The tables of the chassis itself: outbox, relay lease, inbox, dead letters, idempotency. */
export const chassisMigrations = new URL('../src/migrations/', import.meta.url);
/** Of the embedded event log, which has a database of its own. */
export const logMigrations = new URL('../src/migrations-log/', import.meta.url);

/** Applies what is pending, then opens the connections. */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  await migrate(options.url, options.migrations);
  const { url, name, poolSize = 10 } = options;
  const connections = { types: datesAsText, keepAlive: true, onConnect: hangUpOnSilence(url) };
  const db = await new DataSource({
    type: 'postgres',
    url,
    entities: options.entities,
    poolSize,
    applicationName: name,
    synchronize: false,
    logger: counting,
    // A connection that breaks while idle is replaced at its next use; unheard, its error would end the process.
    poolErrorHandler: () => undefined,
    // Statements that are asked for together go out together, and are done in that order: one wait instead of many.
    extra: { ...connections, pipeline: true, maxLifetimeSeconds: OLDEST },
  }).initialize();
  pools.set(name, (db.driver as unknown as { readonly master: pg.Pool }).master);
  const reads = { ...connections, connectionString: url, max: poolSize, application_name: name };
  pools.set(`${name}-reads`, openPrepared(db, reads));
  return db;
}

/** Hears of each statement before it is sent, and writes none: their values are about people. */
const counting: StatementLogger = {
  logQuery: noteStatement,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

/** Of this process, by name. */
const pools = new Map<string, pg.Pool>();
new Gauge({
  name: 'merit_database_connections',
  help: 'Connections to a database: busy, idle; and waiting, which are requests for one that none is free for. Those of name-reads are for reads by keys.',
  labelNames: ['database', 'state'],
  registers: [registry],
  collect() {
    for (const [database, { totalCount, idleCount, waitingCount }] of pools) {
      this.set({ database, state: 'busy' }, totalCount - idleCount);
      this.set({ database, state: 'idle' }, idleCount);
      this.set({ database, state: 'waiting' }, waitingCount);
    }
  },
});

const DATE = 1082;

/** A date has no time zone: `2026-03-02` stays that text, where the driver would make midnight of the process's zone. */
const datesAsText = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === DATE ? (value: string) => value : pg.types.getTypeParser(oid, format as 'text'),
};

/** The migrations of these folders in the order in which they apply. */
export async function readMigrations(folders: readonly URL[]): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const folder of folders) {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
    for (const file of files) {
      if (!/^\d{12}-[a-z0-9-]+\.sql$/.test(file)) throw new Error(`${file} is not named YYYYMMDDHHMM-name.sql.`);
      const sql = await readFile(new URL(file, folder), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      migrations.push({ name: basename(file, '.sql'), sql, checksum });
    }
  }
  const twice = migrations.find(({ name }, index) => migrations.findIndex((other) => other.name === name) < index);
  if (twice) throw new Error(`Two migrations are named ${twice.name}.`);
  return migrations;
}

/** Applies the pending migrations, each in its own transaction. Any number of processes may start at once. */
export async function migrate(url: string, folders: readonly URL[]): Promise<void> {
  const migrations = await readMigrations(folders);
  const client = new pg.Client({ connectionString: url, application_name: 'merit-migrate' });
  client.on('error', () => undefined); // the pending query rejects with it too
  await client.connect();
  try {
    for (const migration of migrations) await apply(client, migration);
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('begin');
  try {
    // A lock of the transaction, not of the session, so that it holds behind a pooler. Who waits for it waits for
    // another process to migrate, which may take minutes; only then do the service's own time limits apply again.
    await client.query(`set local statement_timeout = 0; set local lock_timeout = '10min';
      set local idle_in_transaction_session_timeout = '1min';
      select pg_advisory_xact_lock(hashtext('merit.schema_migration'));
      set local lock_timeout = '5s';
      set local client_min_messages = warning;
      create table if not exists schema_migration (
        name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
    const applied = await client.query<{ checksum: string }>('select checksum from schema_migration where name = $1', [
      name,
    ]);
    if (applied.rows[0] && applied.rows[0].checksum !== checksum) {
      throw new Error(`Migration ${name} was changed after it had been applied. Undo that, and write a new one.`);
    }
    if (!applied.rows[0]) {
      await client.query(sql);
      await client.query('insert into schema_migration (name, checksum) values ($1, $2)', [name, checksum]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}
