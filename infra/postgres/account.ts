/** PostgreSQL refuses to run as root; this finds the account it runs under instead. */
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { trouble } from '../trouble.js';

/** How to launch a program: `launch(['postgres', '-D', …])` gives the command for `spawn` and its options. */
export interface Account {
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  readonly launch: (command: readonly string[]) => {
    file: string;
    args: string[];
    ids: { uid?: number; gid?: number };
  };
}

/**
 * The account for PostgreSQL, which has to reach `folders`: the person's own, or `postgres` when that is root.
 * @throws Trouble when root cannot make such an account, or it cannot reach a folder
 */
export function chooseAccount(folders: readonly string[]): Account {
  if (process.getuid?.() !== 0) {
    return { ids: undefined, launch: ([file = '', ...args]) => ({ file, args, ids: {} }) };
  }
  const ids = idsOf('postgres') ?? createAccount('postgres');
  const closed = folders.flatMap(pathOf).find((folder) => !mayEnter(folder, ids));
  if (closed === undefined) return { ids, launch: ([file = '', ...args]) => ({ file, args, ids }) };
  const prefix = passThrough(ids, closed);
  return { ids, launch: (command) => ({ file: 'setpriv', args: [...prefix, ...command], ids: {} }) };
}

/** `/a/b` → `/a`, `/a/b`. */
const pathOf = (folder: string): string[] =>
  folder === path.dirname(folder) ? [] : [...pathOf(path.dirname(folder)), folder];

function mayEnter(folder: string, { uid, gid }: { uid: number; gid: number }): boolean {
  const stat = statSync(folder);
  const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
  return (stat.mode & bit) !== 0;
}

/**
 * Root's own folders are often closed to everyone else (/root is). The capability to pass through them goes along
 * with the account; the secure bit is there because access(2), which PostgreSQL asks about itself, looks at the
 * capabilities of a user other than root only with it.
 */
function passThrough({ uid, gid }: { uid: number; gid: number }, closed: string): string[] {
  const account = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'];
  const prefixes = ['dac_read_search', 'dac_override'].map((capability) => [
    ...account,
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
  ]);
  const works = prefixes.find((prefix) => spawnSync('setpriv', [...prefix, 'test', '-x', closed]).status === 0);
  if (works) return works;
  throw trouble(
    `PostgreSQL does not run as root, and the account postgres may not enter ${closed}: run as an ordinary user, or chmod o+x ${closed}, or move Merit and its data (MERIT_DATA) elsewhere.`,
  );
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function createAccount(name: string): { uid: number; gid: number } {
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name]);
  const ids = idsOf(name);
  if (ids) return ids;
  throw trouble(
    `PostgreSQL does not run as root and the account ${name} could not be made: run as an ordinary user, or make it with useradd --system ${name}.`,
  );
}
