/** A disk of its own for a database, small enough to be filled without harm to anyone. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { placesIn } from '../start.plan.js';

/** A server starts on nothing smaller than half of it. */
const DISK_MB = 2_048;
const sign = (folder: string): string => path.join(folder, 'small-disk');

export const hasSmallDisk = (folder: string): boolean => existsSync(sign(folder));

const mount = (options: string, folder: string): void =>
  void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'merit-faults', folder], { stdio: 'ignore' });

/** What is left when the disk is as good as full, in bytes. */
const CRUMBS = 64 * 1024;

/** Leaves the database no more than it has. @returns how to give it back what it had */
export function fillDisk(folder: string): () => void {
  const { postgres } = placesIn(path.join(folder, 'data'));
  const { blocks, bfree, bsize } = statfsSync(postgres);
  mount(`remount,size=${(blocks - bfree) * bsize + CRUMBS}`, postgres);
  return () => mount(`remount,size=${DISK_MB}m`, postgres);
}

/**
 * Gives the database of a world that is not started yet a disk in memory. Needs the right to mount; without it nothing
 * happens, and the fault that fills the disk says that it was not run.
 * @returns how to take it away, once the world is gone
 */
export function mountSmallDisk(folder: string): () => void {
  const { postgres } = placesIn(path.join(folder, 'data'));
  try {
    mkdirSync(postgres, { recursive: true });
    mount(`size=${DISK_MB}m,mode=755`, postgres);
  } catch {
    return () => undefined;
  }
  writeFileSync(sign(folder), '');
  return () => void execFileSync('umount', [postgres], { stdio: 'ignore' });
}
