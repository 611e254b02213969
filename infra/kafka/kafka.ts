/**
 * A real Apache Kafka broker in KRaft mode, alone and on the loopback address, for a machine with Java: the same
 * software as in production, where several stand together.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { requireFolder } from '../folder.js';
import { commandOf, requireFreePort, stopper, until, whenEnded } from '../process.js';
import { trouble } from '../trouble.js';
import { findJars, jarsArePresent, kafkaFolder } from './jars.js';
import { serverProperties } from './properties.js';

export interface KafkaOptions {
  /** The folder for everything of this broker; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  /** Where the broker, as its own controller, talks to itself. */
  readonly controllerPort: number;
  /** Where the broker's own messages go; `kafka.log` in the data folder unless told. */
  readonly logFile?: string;
  readonly onProgress?: (step: string) => void;
}

export interface EmbeddedKafka {
  /** As for `KAFKA_BROKERS`. */
  readonly brokers: string;
  readonly pid: number;
  /** Settles when the broker has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Lets the broker close its logs, and answers when the process is gone. */
  readonly stop: () => Promise<void>;
}

/** Kafka 4 brokers run on no older Java. */
const LEAST_JAVA = 17;

/** Resident about 400 MB: a bounded heap, and the collector that needs least beside it. */
const JVM = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-Djava.awt.headless=true'];

/** The broker closes its logs first; then not. */
const ORDERLY_END = [
  { signal: 'SIGTERM', waitMs: 20_000 },
  { signal: 'SIGKILL', waitMs: 2_000 },
] as const;

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

const java = (): string => (process.env['JAVA_HOME'] ? path.join(process.env['JAVA_HOME'], 'bin', 'java') : 'java');

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

/**
 * Starts the broker, or adopts the one that already runs on this data folder. It is in a process group of its own,
 * so that Ctrl-C reaches its caller first. The first start fetches the broker (45 MB) and formats its folder.
 * @throws Trouble: no Java or Maven, a port in use, no answer
 */
export async function startKafka(options: KafkaOptions): Promise<EmbeddedKafka> {
  const broker = { ...options, dataDir: path.resolve(options.dataDir) };
  const { pid, port, ended } = adopt(broker) ?? (await launch(broker));
  return { brokers: `127.0.0.1:${port}`, pid, ended, stop: stopper(pid, ended, ORDERLY_END) };
}

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly ended: Promise<void>;
}

const pidFile = ({ dataDir }: KafkaOptions): string => path.join(dataDir, 'kafka.pid');
const propertiesFile = ({ dataDir }: KafkaOptions): string => path.join(dataDir, 'server.properties');

/** A broker that was left running, known by the properties file that it was started with. */
function adopt(broker: KafkaOptions): Running | undefined {
  if (!existsSync(pidFile(broker))) return undefined;
  const [pid = 0, port = 0] = readFileSync(pidFile(broker), 'utf8').split('\n').map(Number);
  if (!pid || !port || !commandOf(pid)?.includes(propertiesFile(broker))) return undefined;
  broker.onProgress?.(`using the Kafka that runs already (process ${pid})`);
  return { pid, port, ended: whenEnded(pid) };
}

async function launch(broker: KafkaOptions): Promise<Running> {
  const available = kafkaAvailable();
  if (!available.ok) throw trouble(available.why);
  for (const port of [broker.port, broker.controllerPort]) await requireFreePort(port, 'Kafka');
  const jars = await findJars(broker.onProgress);
  requireFolder(broker.dataDir);
  writeFileSync(propertiesFile(broker), serverProperties(broker));
  await format(broker, jars);
  broker.onProgress?.(`starting Kafka on port ${broker.port}`);
  return waitUntilStarted(broker, spawnBroker(broker, jars));
}

/** Writes the cluster's id into an empty folder; a folder that has one keeps it. */
async function format(broker: KafkaOptions, jars: string): Promise<void> {
  if (existsSync(path.join(broker.dataDir, 'log', 'meta.properties'))) return;
  broker.onProgress?.('formatting the Kafka data folder');
  const tool = (...args: string[]) =>
    promisify(execFile)(java(), ['-XX:TieredStopAtLevel=1', '-cp', jars, 'kafka.tools.StorageTool', ...args]);
  try {
    const id = (await tool('random-uuid')).stdout.trim().split('\n').pop() ?? '';
    await tool('format', '--ignore-formatted', '-t', id, '-c', propertiesFile(broker));
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw trouble(`Kafka could not prepare ${broker.dataDir}: ${`${stdout}${stderr}`.trim().split('\n').pop()}`);
  }
}

function spawnBroker(broker: KafkaOptions, jars: string) {
  const settings = `-Dlog4j2.configurationFile=${path.join(kafkaFolder(), 'log4j2.properties')}`;
  const log = openSync(logOf(broker), 'a');
  const child = spawn(java(), [...JVM, settings, '-cp', jars, 'kafka.Kafka', propertiesFile(broker)], {
    cwd: broker.dataDir,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  return child;
}

const logOf = (broker: KafkaOptions): string => broker.logFile ?? path.join(broker.dataDir, 'kafka.log');

/** The broker opens its port before it may serve; that it may, it says in its log. */
async function waitUntilStarted(broker: KafkaOptions, child: ReturnType<typeof spawn>): Promise<Running> {
  const { pid = 0 } = child;
  const logStart = statSync(logOf(broker)).size;
  const written = () => readFileSync(logOf(broker), 'utf8').slice(logStart);
  writeFileSync(pidFile(broker), `${pid}\n${broker.port}\n`);
  let gone = false;
  const ended = whenEnded(pid, child).then(() => {
    gone = true;
  });
  let started = false;
  await until(() => {
    started = written().includes('Kafka Server started');
    return started || gone;
  }, 60_000);
  if (started) return { pid, port: broker.port, ended };
  child.kill('SIGKILL');
  const complaint = /^.*(ERROR|FATAL|Exception).*$/m.exec(written())?.[0] ?? 'no answer within 60 s';
  throw trouble(`Kafka did not start: ${complaint} (${logOf(broker)})`);
}
