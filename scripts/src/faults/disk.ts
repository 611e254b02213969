/** A disk of its own for a database, small enough to be filled without harm to anyone. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { placesIn } from '../start.plan.js';

const DISK_MB = 1_024;
const sign = (folder: string): string => path.join(folder, 'small-disk');

export const hasSmallDisk = (folder: string): boolean => existsSync(sign(folder));

/**
 * Gives the database of a world that is not started yet a disk in memory. Needs the right to mount; without it nothing
 * happens, and the fault that fills the disk says that it was not run.
 * @returns how to take it away, once the world is gone
 */
export function mountSmallDisk(folder: string): () => void {
  const { postgres } = placesIn(path.join(folder, 'data'));
  try {
    mkdirSync(postgres, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=755`, 'merit-faults', postgres], {
      stdio: 'ignore',
    });
  } catch {
    return () => undefined;
  }
  writeFileSync(sign(folder), '');
  return () => void execFileSync('umount', [postgres], { stdio: 'ignore' });
}
