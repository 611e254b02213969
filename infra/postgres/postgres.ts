/**
 * A real PostgreSQL 18 of one's own, for a machine that has none: the programs come from npm, the data lives in one
 * folder, and it listens on the loopback address only.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { requireFolder } from '../folder.js';
import { stopper } from '../process.js';
import { chooseAccount } from './account.js';
import { findBinaries } from './binaries.js';
import { checkCluster, clusterFolder, createCluster } from './cluster.js';
import { passwordOf } from './databases.js';
import { adopt, launchPatiently, urlOf } from './server.js';

export { databaseUrl, ensureDatabase, passwordOf } from './databases.js';

export interface PostgresOptions {
  /** The folder for everything of this server; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  /** The administrator's role; `merit` unless told. */
  readonly user?: string;
  /** False only for tests: commits are not written through to the disk. */
  readonly durable?: boolean;
  /** Where the server's own messages go; `postgres.log` in the data folder unless told. */
  readonly logFile?: string;
  readonly onProgress?: (step: string) => void;
}

export interface EmbeddedPostgres {
  /** Connects the administrator to the database `postgres`. */
  readonly adminUrl: string;
  /** The port asked for, or that of the server found running. */
  readonly port: number;
  readonly pid: number;
  /** The file of role passwords, for `passwordOf`. */
  readonly passwordFile: string;
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends open transactions, writes everything down, and answers when the process is gone. */
  readonly stop: () => Promise<void>;
}

/** Fast shutdown, which ends open transactions and writes all down; then ever less patiently. */
const ORDERLY_END = [
  { signal: 'SIGINT', waitMs: 20_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

/**
 * Starts the server, or adopts the one that already runs on this data folder. It is in a process group of its own:
 * Ctrl-C reaches its caller and not it, so that the caller can stop what uses it first.
 * @throws Trouble: data of another version, a port in use, a missing permission, too little disk
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = path.resolve(options.dataDir);
  const user = options.user ?? 'merit';
  requireFolder(dataDir);
  checkCluster(dataDir);
  const binaries = findBinaries();
  const account = chooseAccount([dataDir, path.dirname(binaries.postgres)]);
  const passwordFile = path.join(dataDir, 'passwords.json');
  const password = passwordOf(passwordFile, user);
  if (!existsSync(clusterFolder(dataDir))) options.onProgress?.('creating the PostgreSQL data folder');
  await createCluster(dataDir, { binaries, account, user, password });

  const logFile = options.logFile ?? path.join(dataDir, 'postgres.log');
  const server = { ...options, dataDir, logFile, binaries, account, login: { name: user, password } };
  const running = (await adopt(server)) ?? (await launchPatiently(server));
  return {
    ...running,
    adminUrl: urlOf(server.login, running.port),
    passwordFile,
    stop: stopper(running.pid, running.ended, ORDERLY_END),
  };
}
