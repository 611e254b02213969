/** The Java that runs a broker and its tools. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Available, java, javaAvailable } from '../java.js';
import { jarsArePresent } from './jars.js';

/** Whether a broker can be started on this machine, and what is missing when not. */
export const kafkaAvailable = (): Available => javaAvailable('Kafka', jarsArePresent);

/** Runs one of Kafka's own tools. @throws Error with the last line that the tool wrote */
export async function runTool(jars: string, tool: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(java(), ['-XX:TieredStopAtLevel=1', '-cp', jars, tool, ...args]);
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`.trim().split('\n').pop());
  }
}
