/** The Java of this machine. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** What we run needs no older one. */
const LEAST_JAVA = 17;

export const java = (): string =>
  process.env['JAVA_HOME'] ? path.join(process.env['JAVA_HOME'], 'bin', 'java') : 'java';

export type Available = { readonly ok: true } | { readonly ok: false; readonly why: string };

/**
 * Whether a Java program can be run on this machine, and what is missing when not.
 * @param name what it is called in a message
 * @param isThere whether it was fetched, so that neither Maven nor a network is needed
 */
export function javaAvailable(name: string, isThere: () => boolean): Available {
  const { stderr, error } = spawnSync(java(), ['-version'], { encoding: 'utf8' });
  const version = Number(/version "(?:1\.)?(\d+)/.exec(stderr ?? '')?.[1]);
  const needs = `${name} needs Java ${LEAST_JAVA} or newer`;
  if (error || !version) return { ok: false, why: `${needs}, and there is none in PATH.` };
  if (version < LEAST_JAVA) return { ok: false, why: `${needs}, and this is ${version}.` };
  if (isThere() || isInPath('mvn')) return { ok: true };
  return { ok: false, why: `${name} is fetched by Maven, and there is no mvn in PATH.` };
}

function isInPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
