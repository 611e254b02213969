/** The folder of a PostgreSQL server: made once, then checked at every start. */
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { trouble } from '../trouble.js';
import type { Account } from './account.js';
import { type Binaries, POSTGRES_MAJOR } from './binaries.js';

/** The folder inside the data folder that PostgreSQL owns; passwords and its log stay beside it. */
export const clusterFolder = (dataDir: string): string => path.join(dataDir, 'cluster');

/** @throws Trouble in one line when the data of an earlier start cannot be used by this one */
export function checkCluster(dataDir: string): void {
  const cluster = clusterFolder(dataDir);
  if (!existsSync(cluster)) return;
  const mine = process.getuid?.() ?? 0;
  if (mine !== 0 && statSync(cluster).uid !== mine) {
    throw trouble(
      `The data in ${cluster} belongs to another user (it was made by root, perhaps): start as that user, or set MERIT_DATA to a folder of your own.`,
    );
  }
  const version = readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (version !== String(POSTGRES_MAJOR)) {
    throw trouble(
      `The data in ${cluster} is of PostgreSQL ${version} and this is PostgreSQL ${POSTGRES_MAJOR}: set MERIT_DATA to another folder, or begin again with npm start -- --fresh.`,
    );
  }
}

/**
 * Makes the server's files, unless they are there: UTF-8 with the C.UTF-8 rules that PostgreSQL brings itself, so
 * that order and case do not depend on the machine, and passwords asked for on every connection.
 */
export async function createCluster(
  dataDir: string,
  { binaries, account, user, password }: { binaries: Binaries; account: Account; user: string; password: string },
): Promise<void> {
  if (existsSync(clusterFolder(dataDir))) return;
  // Made beside its place and then moved, so that one that was cut short is never taken for a whole one.
  const unfinished = path.join(dataDir, 'cluster.new');
  const passwordFile = path.join(dataDir, 'initdb.password');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account.ids) {
    chownSync(unfinished, account.ids.uid, account.ids.gid);
    chownSync(passwordFile, account.ids.uid, account.ids.gid);
  }
  try {
    const { file, args, ids } = account.launch([
      binaries.initdb,
      `--pgdata=${unfinished}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ]);
    await run(file, args, { ...ids, cwd: unfinished });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, clusterFolder(dataDir));
}

function run(file: string, args: string[], options: { uid?: number; gid?: number; cwd: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, env: serverEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (text) => {
      complaint += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve();
      reject(
        trouble(`PostgreSQL could not prepare ${path.dirname(options.cwd)}: ${complaint.trim().split('\n').pop()}`),
      );
    });
  });
}

/** Nothing of the caller's locale or PG* variables: the server is the same wherever it is started. */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});
