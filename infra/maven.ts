/** What Maven fetches: Java programs, by a pom.xml beside the code that runs them. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { trouble } from './trouble.js';

export interface Fetched {
  /** The folder of pom.xml. */
  readonly folder: string;
  /** The property of pom.xml that says where to put it, and the folder below `target` where it belongs. */
  readonly property: string;
  readonly into: string;
  /** What it is called in a message. */
  readonly name: string;
  /** Whether it is there, whole and of the version wanted. */
  readonly isThere: () => boolean;
  /** What is done with it before it is there. */
  readonly prepare?: (folder: string) => Promise<void>;
}

/** The version that a pom.xml names for an artifact. */
export function versionIn(folder: string, artifact: string): string {
  const pom = readFileSync(path.join(folder, 'pom.xml'), 'utf8');
  const [, version] = new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)<`).exec(pom) ?? [];
  if (version === undefined) throw new Error(`${folder}/pom.xml names no ${artifact}`);
  return version;
}

/**
 * Fetches it into a folder of its own that is then moved, so that it is whole or not there, also with two at work.
 * Maven keeps what it fetched in the user's own folder, so another checkout needs no network.
 * @throws Trouble with the first line of what Maven complained about
 */
export async function fetchByMaven({ folder, property, into, name, isThere, prepare }: Fetched): Promise<void> {
  const place = path.join(folder, 'target', into);
  const unfinished = `${place}.${process.pid}`;
  try {
    await runMaven([
      ...['-B', '-q', '-f', path.join(folder, 'pom.xml')],
      ...[`-D${property}=${unfinished}`, 'package'],
    ]);
    await prepare?.(unfinished);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw trouble(`${name} could not be fetched by Maven: ${(error as Error).message}`);
  }
  if (isThere()) return rmSync(unfinished, { recursive: true, force: true });
  if (existsSync(place) && readdirSync(place).length > 0) rmSync(place, { recursive: true });
  renameSync(unfinished, place);
}

/** @throws Error with the first line of what Maven complained about */
function runMaven(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        said += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(/^.*ERROR.*$/m.exec(said)?.[0] ?? `it ended with ${code}`));
    });
  });
}
