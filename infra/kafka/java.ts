/** The Java that runs a broker and its tools. */
import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { jarsArePresent } from './jars.js';

/** Kafka 4 brokers run on no older Java. */
const LEAST_JAVA = 17;

export const java = (): string =>
  process.env['JAVA_HOME'] ? path.join(process.env['JAVA_HOME'], 'bin', 'java') : 'java';

/** Whether a broker can be started on this machine, and what is missing when not. */
export function kafkaAvailable(): { readonly ok: true } | { readonly ok: false; readonly why: string } {
  const { stderr, error } = spawnSync(java(), ['-version'], { encoding: 'utf8' });
  const version = Number(/version "(?:1\.)?(\d+)/.exec(stderr ?? '')?.[1]);
  if (error || !version)
    return { ok: false, why: `Kafka needs Java ${LEAST_JAVA} or newer, and there is none in PATH.` };
  if (version < LEAST_JAVA)
    return { ok: false, why: `Kafka needs Java ${LEAST_JAVA} or newer, and this is ${version}.` };
  if (jarsArePresent() || isInPath('mvn')) return { ok: true };
  return { ok: false, why: 'Kafka is fetched by Maven, and there is no mvn in PATH.' };
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

/** Runs one of Kafka's own tools. @throws Error with the last line that the tool wrote */
export async function runTool(jars: string, tool: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(java(), ['-XX:TieredStopAtLevel=1', '-cp', jars, tool, ...args]);
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`.trim().split('\n').pop());
  }
}
