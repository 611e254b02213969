/** The server's process: found running, or launched and waited for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { commandOf, requireFreePort, until, whenEnded } from '../process.js';
import { trouble } from '../trouble.js';
import type { Account } from './account.js';
import type { Binaries } from './binaries.js';
import { clusterFolder, serverEnvironment } from './cluster.js';
import { databaseUrl } from './databases.js';

interface Login {
  readonly name: string;
  readonly password: string;
}

export interface Server {
  readonly dataDir: string;
  readonly port: number;
  readonly durable?: boolean;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly account: Account;
  /** The administrator's. */
  readonly login: Login;
  readonly onProgress?: (step: string) => void;
}

export interface Running {
  readonly pid: number;
  readonly port: number;
  readonly ended: Promise<void>;
}

/** After kill -9 its orphaned processes hold the data for a moment (1.4 s were seen). Milliseconds. */
const PATIENCE_MS = 10_000;

/** 200 connections: four services of 20, a relay, a consumer and an event log each, and room for tests and tools. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // The details of an error quote the row, and rows are about people.
  log_error_verbosity: 'terse',
};

/** What may be lost when a machine falls does not matter in a test. */
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** Connects this login to the database `postgres`. */
export function urlOf(login: Login, port: number): string {
  const url = new URL(databaseUrl(`postgresql://127.0.0.1:${port}`, login));
  url.pathname = '/postgres';
  return url.toString();
}

/** A server that was left running answers for this very folder; one that is just ending is waited for. */
export async function adopt({ dataDir, login, onProgress }: Server): Promise<Running | undefined> {
  const file = path.join(clusterFolder(dataDir), 'postmaster.pid');
  const [pid, , , port] = existsSync(file) ? readFileSync(file, 'utf8').split('\n').map(Number) : [];
  if (!pid) return undefined;
  const command = commandOf(pid);
  const isServer = command !== undefined && /(^|\/)postgres -D /.test(command);
  // The number belongs to another program by now, and PostgreSQL, which cannot tell, would refuse to start.
  if (command !== undefined && !isServer) rmSync(file, { force: true });
  if (!port || !isServer) return undefined;
  let answers = false;
  await until(async () => {
    answers = (await askFolder(urlOf(login, port))) === realpathSync(clusterFolder(dataDir));
    return answers || commandOf(pid) === undefined;
  }, PATIENCE_MS);
  if (!answers) return undefined;
  onProgress?.(`using the PostgreSQL that runs already (process ${pid})`);
  return { pid, port, ended: whenEnded(pid) };
}

/** Retries while what an earlier server left behind still holds the folder. */
export async function launchPatiently(server: Server): Promise<Running> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const outcome = await launch(server);
    if (typeof outcome !== 'string') return outcome;
    const heldByOrphans = /lock file .* already exists|shared memory block/.test(outcome);
    if (heldByOrphans && Date.now() < deadline) {
      await until(() => false, 200);
      continue;
    }
    throw trouble(`PostgreSQL did not start: ${outcome.split('\n').pop()} (${server.logFile})`);
  }
}

/** One attempt: a server that answers, or the fatal lines of its log. */
async function launch(server: Server): Promise<Running | string> {
  const { port, login } = server;
  await requireFreePort(port, 'PostgreSQL');
  server.onProgress?.(`starting PostgreSQL on port ${port}`);
  const logStart = existsSync(server.logFile) ? statSync(server.logFile).size : 0;
  const child = spawnServer(server);
  let gone = false;
  const ended = whenEnded(child.pid ?? 0, child).then(() => {
    gone = true;
  });
  let answers = false;
  try {
    await until(async () => {
      answers = (await askFolder(urlOf(login, port))) !== undefined;
      return answers || gone;
    }, 60_000);
  } finally {
    if (!answers) child.kill('SIGQUIT');
  }
  if (answers && child.pid) return { pid: child.pid, port, ended };
  const log = readFileSync(server.logFile, 'utf8').slice(logStart);
  return log.match(/^.*(FATAL|could not|error).*$/gm)?.join('\n') ?? 'no answer within 60 s';
}

function spawnServer(server: Server): ChildProcess {
  const settings = { ...SETTINGS, ...(server.durable === false ? NOT_DURABLE : {}) };
  const { file, args, ids } = server.account.launch([
    server.binaries.postgres,
    ...['-D', clusterFolder(server.dataDir), '-p', String(server.port)],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const log = openSync(server.logFile, 'a');
  const child = spawn(file, args, {
    ...ids,
    cwd: clusterFolder(server.dataDir),
    env: serverEnvironment(),
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  return child;
}

/**
 * The data folder of whichever server answers, undefined when none does yet.
 * @throws Trouble when it answers and does not know our password: the file with it was lost or replaced
 */
async function askFolder(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A server that ends while it is asked also reports on the connection itself.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<{ data_directory: string }>('show data_directory')).rows[0]?.data_directory;
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') return undefined;
    throw trouble('PostgreSQL refuses the password in passwords.json: put the file back that belongs to this data.');
  } finally {
    await client.end().catch(() => undefined);
  }
}
