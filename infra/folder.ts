/** A folder to keep data in. */
import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { trouble } from './trouble.js';

/** Below this a day's work could fill the disk, and a database stops dead on a full one. Bytes. */
const LEAST_FREE_BYTES = 1_000_000_000;

/**
 * Makes the folder when it is missing, and sees that it can be written and has room.
 * @throws Trouble in one line for each of these
 */
export function requireFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw trouble(`The folder ${folder} cannot be written by you: change its owner, or set MERIT_DATA to another.`);
  }
  const disk = statfsSync(folder);
  const free = disk.bavail * disk.bsize;
  if (free >= LEAST_FREE_BYTES) return;
  throw trouble(
    `Only ${Math.floor(free / 1e6)} MB are free on the disk of ${folder} and Merit needs ${LEAST_FREE_BYTES / 1e6}: make room, or set MERIT_DATA to another disk.`,
  );
}
