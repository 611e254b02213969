/// <reference types="jest" />
/** What tests of every service need: a database of their own, a context, the graph as a client meets it. */
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSource, EntitySchema } from 'typeorm';
import { v7 } from 'uuid';
import type { ServiceContext } from './api/context.js';
import { buildGraph, createApollo, type GraphOptions } from './api/graph.js';
import type { Viewer } from './api/viewer.js';
import { migrate, openDatabase, readMigrations } from './database.js';
import { createLog } from './log.js';
import { refuseHeldPromises } from './testing.answers.js';
import type { ReceivedEvent } from './transport/envelope.js';

export interface TestDatabaseOptions {
  readonly entities: EntitySchema[];
  readonly migrations: URL[];
  readonly poolSize?: number;
}

/**
 * A fresh database for a test file, dropped at its end. It is a copy of a template that is kept per set of migrations,
 * so that only the first file that uses them waits for them. Use `.db` inside tests and hooks.
 */
export function testDatabase(options: TestDatabaseOptions): { readonly db: DataSource; readonly url: string } {
  const name = `merit_test_${randomUUID().replaceAll('-', '')}`;
  let db: DataSource | undefined;
  const url = databaseUrl(name);
  beforeAll(async () => {
    await copyTemplate(await template(options.migrations), name);
    db = await openDatabase({ ...options, url, name: 'merit-test' });
  }, 120_000);
  afterAll(async () => {
    await db?.destroy();
    await withAdmin((admin) => admin.query(`drop database if exists ${name} with (force)`));
  });
  return {
    get db() {
      if (!db) throw new Error('The database is there from beforeAll on: use .db inside tests and hooks.');
      return db;
    },
    url,
  };
}

/** The database of this URL, dropped under all who use it and created again, empty. */
export function remake(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  return withAdmin(async (admin) => {
    await admin.query(`drop database ${name} with (force)`);
    await admin.query(`create database ${name}`);
  });
}

function adminUrl(): string {
  const url = process.env['MERIT_TEST_POSTGRES'];
  if (!url)
    throw new Error('MERIT_TEST_POSTGRES is not set: run the tests through jest with the configuration in .config.');
  return url;
}

function databaseUrl(name: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return url.toString();
}

async function withAdmin<R>(work: (admin: pg.Client) => Promise<R>): Promise<R> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** The name of the template with these migrations, made by whichever test file comes first. */
async function template(folders: readonly URL[]): Promise<string> {
  const checksums = (await readMigrations(folders)).map(({ name, checksum }) => `${name} ${checksum}`);
  const name = `merit_template_${createHash('sha256').update(checksums.join('\n')).digest('hex').slice(0, 16)}`;
  await withAdmin(async (admin) => {
    await admin.query(`select pg_advisory_lock(hashtext('merit.template'))`); // let go with the connection
    const found = await admin.query('select datistemplate from pg_database where datname = $1', [name]);
    if (found.rows[0]?.datistemplate) return;
    await admin.query(`drop database if exists ${name}`); // one whose making was broken off
    await admin.query(`create database ${name}`);
    await migrate(databaseUrl(name), folders);
    await admin.query(`alter database ${name} with is_template true`);
  });
  return name;
}

/** The same time limits as a service's role has, so that a test that hangs in production hangs here. */
async function copyTemplate(source: string, name: string): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.query(`create database ${name} template ${source}`);
    await admin.query(`alter database ${name} set lock_timeout = '2s'`);
    await admin.query(`alter database ${name} set statement_timeout = '8s'`);
    await admin.query(`alter database ${name} set idle_in_transaction_session_timeout = '5s'`);
  });
}

/** The context of a request by this viewer. */
export const testContext = (db: DataSource, viewer: Viewer, over: Partial<ServiceContext> = {}): ServiceContext => ({
  db,
  viewer,
  requestId: 'test',
  traceparent: null,
  now: () => new Date(),
  newId: () => v7(),
  firstAdmin: null,
  ...over,
});

export type TestGraph = (
  viewer: Viewer,
  query: string,
  variables?: object,
  // biome-ignore lint/suspicious/noExplicitAny: an answer has whatever shape its query asks for
) => Promise<{ data?: any; errors?: any[] }>;

export interface TestGraphOptions extends GraphOptions {
  /** A database, or what `testDatabase` gave: that may be handed over before the database is there. */
  readonly db: DataSource | { readonly db: DataSource };
  readonly firstAdmin?: string | null;
  /** Changes the context of each request, such as its clock. */
  readonly over?: Partial<ServiceContext>;
}

/** The service's schema, protected, executed in this process: what GraphQL answers to a viewer, as JSON. */
export function testGraph({ db, firstAdmin = null, over, ...graph }: TestGraphOptions): TestGraph {
  const log = createLog('test', process.env['LOG_LEVEL'] ?? 'silent');
  const apollo = createApollo(refuseHeldPromises(buildGraph(graph)), {
    log,
    introspection: true,
    record: graph.protect.record,
  });
  return async (viewer, query, variables = {}) => {
    const contextValue = testContext('db' in db ? db.db : db, viewer, { firstAdmin, ...over });
    const { body } = await apollo.executeOperation({ query, variables: { ...variables } }, { contextValue });
    if (body.kind !== 'single') throw new Error('an answer in parts');
    return JSON.parse(JSON.stringify(body.singleResult));
  };
}

/** What the commands appended, oldest first; of one aggregate when its id is given, which may be a read's. */
export async function outboxOf(
  db: DataSource,
  aggregateId?: string,
): Promise<{ type: string; aggregateId: string; seq: number; payload: Uint8Array; key: string }[]> {
  return db.query(
    `select type, aggregate_id as "aggregateId", aggregate_seq::int as seq, payload, key
       from outbox
      where case when $1::text is null then aggregate_type <> 'access' else aggregate_id::text = $1 end order by id`,
    [aggregateId ?? null],
  );
}

/** An event as a consumer gets it. Of its own aggregate and number 1, unless told. */
export function received(type: string, payload: Uint8Array, over: Partial<ReceivedEvent> = {}): ReceivedEvent {
  const service = type.split('.')[1] ?? 'test';
  const at = over.occurredAt ?? new Date('2026-01-01T00:00:00Z');
  return {
    id: v7(),
    source: `/merit/${service}`,
    type,
    aggregate: `test/${randomUUID()}`,
    sequence: 1,
    occurredAt: at,
    recordedAt: at,
    actor: null,
    agencyId: null,
    key: randomUUID(),
    payload,
    traceparent: null,
    timeline: 1,
    snapshot: null,
    ...over,
  };
}
