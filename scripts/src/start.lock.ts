/** One Merit at a time on a data folder, and nothing left of the one before. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandOf, endProcess } from '@merit/infra/process';
import { trouble } from '@merit/infra/trouble';
import { placesIn } from './start.plan.js';

/**
 * Takes the data folder for this process; the answer gives it back. A lock whose holder is gone is taken over.
 * @throws Trouble when another Merit runs on it
 */
export function takeLock(dataDir: string, gatewayPort: number): () => void {
  const file = placesIn(dataDir).lock;
  const holder = readLock(file);
  if (holder && commandOf(holder.pid) === holder.command) {
    throw trouble(
      `Merit runs already on the data in ${dataDir} (process ${holder.pid}, http://localhost:${holder.gatewayPort}): stop it with Ctrl-C where it runs, or set MERIT_DATA and MERIT_PORT for another one.`,
    );
  }
  rmSync(file, { force: true });
  try {
    const lock = JSON.stringify({ pid: process.pid, command: commandOf(process.pid), gatewayPort });
    writeFileSync(file, lock, { flag: 'wx' }); // fails when another start was quicker
  } catch {
    throw trouble(
      `Another Merit is just starting on the data in ${dataDir}: set MERIT_DATA and MERIT_PORT for a second one.`,
    );
  }
  return () => rmSync(file, { force: true });
}

/** The command line stands beside the number, which may belong to another program by now. */
function readLock(file: string): { pid: number; command: string; gatewayPort: number } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Ends the Node processes of a Merit that was killed; its database and its broker go on and are adopted.
 * With `everything` those end too.
 */
export async function endLeftOvers(dataDir: string, everything = false): Promise<void> {
  const { pids, postgres, kafka } = placesIn(dataDir);
  const nodes = existsSync(pids) ? readdirSync(pids).map((name) => path.join(pids, name)) : [];
  const stores = everything ? [path.join(postgres, 'cluster', 'postmaster.pid'), path.join(kafka, 'kafka.pid')] : [];
  await Promise.all(nodes.map((file) => endLeftOver(file, 'SIGTERM')));
  // Both are started with the path of their folder.
  await Promise.all(stores.map((file) => endLeftOver(file, 'SIGINT', path.dirname(file))));
}

/** The first line of the file is the number; the command line must hold `mark`, or else the second line. */
async function endLeftOver(file: string, signal: NodeJS.Signals, mark?: string): Promise<void> {
  const [pid, script] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  if (!pid || !script || !commandOf(Number(pid))?.includes(mark ?? script)) return;
  await endProcess(Number(pid), [
    { signal, waitMs: 28_000 },
    { signal: 'SIGKILL', waitMs: 2_000 },
  ]);
}
