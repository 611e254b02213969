/** One broker as a process: its folder made ready, started, and waited for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { requireFolder } from '../folder.js';
import { java } from '../java.js';
import { until, whenEnded } from '../process.js';
import { trouble } from '../trouble.js';
import { kafkaFolder } from './jars.js';
import { runTool } from './java.js';

export interface NodeOptions {
  readonly dataDir: string;
  /** The text of server.properties. */
  readonly properties: string;
  /** Kafka's own archives. */
  readonly jars: string;
  /** Most of the heap. Megabytes. */
  readonly heap: number;
  /** Where the broker's own messages go; `kafka.log` in the data folder unless told. */
  readonly logFile?: string | undefined;
}

/** The broker closes its logs first; then not. */
export const ORDERLY_END = [
  { signal: 'SIGTERM', waitMs: 20_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

export const propertiesFile = (dataDir: string): string => path.join(dataDir, 'server.properties');

/** Names a cluster, in the form that Kafka wants: 16 bytes in base64 for addresses, and not as an option would begin. */
export function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}

/**
 * Writes the cluster's id, and the users that it begins with, into an empty folder; a folder that has an id keeps it.
 * @param users as StorageTool's `--add-scram` takes them
 */
export async function format(node: NodeOptions, clusterId: string, users: readonly string[] = []): Promise<void> {
  requireFolder(node.dataDir);
  writeFileSync(propertiesFile(node.dataDir), node.properties, { mode: 0o600 });
  if (existsSync(path.join(node.dataDir, 'log', 'meta.properties'))) return;
  const args = ['format', '--ignore-formatted', '-t', clusterId, '-c', propertiesFile(node.dataDir)];
  try {
    await runTool(node.jars, 'kafka.tools.StorageTool', [...args, ...users.flatMap((user) => ['--add-scram', user])]);
  } catch (error) {
    throw trouble(`Kafka could not prepare ${node.dataDir}: ${(error as Error).message}`);
  }
}

export interface RunningNode {
  readonly pid: number;
  /** Settles when the broker has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/** Starts the process, in a group of its own, so that Ctrl-C reaches its caller first. It may not serve yet. */
export function spawnNode(node: NodeOptions): ChildProcess {
  const settings = `-Dlog4j2.configurationFile=${path.join(kafkaFolder(), 'log4j2.properties')}`;
  // A bounded heap, and the collector that needs least beside it.
  const jvm = ['-Xms64m', `-Xmx${node.heap}m`, '-XX:+UseSerialGC', '-Djava.awt.headless=true'];
  const log = openSync(logOf(node), 'a');
  const child = spawn(java(), [...jvm, settings, '-cp', node.jars, 'kafka.Kafka', propertiesFile(node.dataDir)], {
    cwd: node.dataDir,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  return child;
}

const logOf = ({ logFile, dataDir }: NodeOptions): string => logFile ?? path.join(dataDir, 'kafka.log');

/**
 * Starts the broker and waits until it serves. It opens its port earlier; that it serves, it says in its log.
 * @param onSpawned is told the process number at once
 * @throws Trouble when it ends or says nothing for a minute
 */
export async function startNode(node: NodeOptions, onSpawned: (pid: number) => void = () => {}): Promise<RunningNode> {
  const logStart = existsSync(logOf(node)) ? statSync(logOf(node)).size : 0;
  const written = () => readFileSync(logOf(node)).subarray(logStart).toString();
  const child = spawnNode(node);
  const pid = child.pid ?? 0;
  onSpawned(pid);
  let gone = false;
  const ended = whenEnded(pid, child).then(() => {
    gone = true;
  });
  let started = false;
  await until(() => {
    started = written().includes('Kafka Server started');
    return started || gone;
  }, 60_000);
  if (started) return { pid, ended };
  child.kill('SIGKILL');
  const complaint = /^.*(ERROR|FATAL|Exception).*$/m.exec(written())?.[0] ?? 'no answer within 60 s';
  throw trouble(`Kafka did not start: ${complaint} (${logOf(node)})`);
}
