/**
 * The whole of Merit as processes of their own, on one machine: what `npm start` runs, and what tests and benches
 * measure. It says nothing by itself; whoever starts it is told.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { requireFolder } from '@merit/infra/folder';
import { requireFreePort } from '@merit/infra/process';
import { followErrors } from './start.errors.js';
import { endLeftOvers, takeLock } from './start.lock.js';
import { launchNode, logFileOf } from './start.node.js';
import {
  type Database,
  type NodeProcess,
  nodeProcesses,
  type Ports,
  placesIn,
  portsFrom,
  SERVICES,
  type Service,
  urlsFrom,
} from './start.plan.js';
import { openStores, type Stores } from './start.stores.js';
import { everyOne, type Launch, type Supervised, supervise } from './start.supervisor.js';

export interface MeritOptions {
  /** The gateway's; the next eight are for the others. */
  readonly port: number;
  readonly dataDir: string;
  /** Whether to start an embedded Kafka; `kafkaBrokers` names an existing one instead. */
  readonly kafka?: boolean;
  readonly kafkaBrokers?: string | undefined;
  /** An administrator's connection to an existing PostgreSQL, on which the databases are created. */
  readonly databaseUrl?: string | undefined;
  /** Databases that exist, by service. */
  readonly databaseUrls?: Readonly<Partial<Record<Database, string>>>;
  /** False only in tests: the embedded database does not write through to the disk. */
  readonly durable?: boolean;
  readonly logLevel?: string;
  /** What a Node process is started with beside its own, asked at each of its starts: for tests that put something in its way. */
  readonly beside?: (name: NodeProcess['name']) => Pick<NodeProcess, 'args' | 'env'>;
  /** The address at which the processes reach a database, instead of its own: for tests that put a proxy before it. */
  readonly route?: (database: Database, url: string) => Promise<string>;
  /** The same for the embedded broker, by its port: answers that of the proxy. */
  readonly routeBroker?: (port: number) => Promise<number>;
  /** Gives up a start that is under way. */
  readonly signal?: AbortSignal;
  /** Is told what is being done, a short phrase each. */
  readonly onProgress?: (step: string) => void;
  /** Is told of errors in the processes, and of deaths and returns; may be several lines. */
  readonly onTrouble?: (text: string) => void;
}

export type ProcessName = 'gateway' | 'identity' | 'postgres' | 'kafka' | (typeof SERVICES)[number];

export interface RunningMerit {
  /** `http://localhost:<port>`; the graph is below it at /graphql. */
  readonly gatewayUrl: string;
  /** The gateway, the identity provider, and each service's /graphql. */
  readonly urls: ReturnType<typeof urlsFrom>;
  readonly databases: Readonly<Partial<Record<Database, string>>>;
  readonly brokers: string | undefined;
  /** The log file of each process. */
  readonly logs: Readonly<Partial<Record<ProcessName, string>>>;
  /** The present process numbers. */
  readonly processes: () => Readonly<Partial<Record<ProcessName, number>>>;
  /** kill -9; the process is started again. */
  readonly kill: (name: ProcessName) => void;
  /** Whether the process is up, again if it was down, within `ms` milliseconds. */
  readonly back: (name: ProcessName, ms: number) => Promise<boolean>;
  /** Starts a second process of a service on the same database, at a port of its own; the gateway knows only the first. */
  readonly second: (name: Service, port: number) => Promise<Supervised>;
  /** In order: what takes new work first, what keeps the data last. Resolves when every process is gone. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts everything, each part when what it needs is ready.
 * @throws Trouble in one line for what its owner can end; then nothing is left running
 */
export async function startMerit(given: MeritOptions): Promise<RunningMerit> {
  const options = { ...given, dataDir: path.resolve(given.dataDir), ports: portsFrom(given.port) };
  requireFolder(options.dataDir);
  const unlock = takeLock(options.dataDir, options.port);
  const running: Supervised[] = [];
  let stopFollowing: () => void = () => undefined;
  const stop = async () => {
    await stopAll(running);
    stopFollowing();
    unlock();
  };
  try {
    await makeWay(options);
    stopFollowing = followLogs(options);
    const { stores, second } = await startAll(options, (process) => void running.push(process));
    return { ...stores, ...handles(options, running), second, stop: once(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Settings = MeritOptions & { readonly ports: Ports };

const NODES = ['identity', ...SERVICES, 'gateway'] as const;

/** Ends what a killed start has left, sees that the ports are free, and begins new logs. */
async function makeWay({ dataDir, ports }: Settings): Promise<void> {
  await endLeftOvers(dataDir);
  for (const name of NODES) await requireFreePort(ports[name], name);
  mkdirSync(placesIn(dataDir).logs, { recursive: true });
  for (const name of NODES) {
    const file = logFileOf(dataDir, name);
    if (existsSync(file)) renameSync(file, file.replace(/log$/, 'previous.log'));
  }
}

function followLogs({ dataDir, onTrouble = () => undefined }: Settings): () => void {
  const logs = Object.fromEntries(NODES.map((name) => [name, logFileOf(dataDir, name)]));
  return followErrors(logs, (name, text) => onTrouble(`${name}: ${text}`));
}

async function startAll(options: Settings, keep: (process: Supervised) => void) {
  const { ports, dataDir, onProgress = () => undefined, onTrouble = () => undefined, signal } = options;
  const stores = await openStores({ ...options, report: onTrouble, keep });
  const databases = await routed(stores, options);
  const specs = nodeProcesses({ ports, dataDir, ...stores, databases, logLevel: options.logLevel ?? 'info' });
  const start = async (spec: NodeProcess, giveUp?: AbortSignal): Promise<Supervised> => {
    const launch: Launch = (stopping) => launchNode(withMore(spec, options.beside?.(spec.name)), dataDir)(stopping);
    const process = await supervise(spec.name, launch, onTrouble, giveUp);
    keep(process);
    return process;
  };
  // All at once: none needs another to become ready, only to do its work.
  onProgress('starting the identity provider, the services and the gateway');
  await everyOne(
    NODES.map(async (name) => {
      await start(specs[name], signal);
      onProgress(`${name} is ready on port ${ports[name]}`);
    }),
  );
  const second = (name: Service, port: number) => {
    const { env, ...spec } = specs[name];
    return start({ ...spec, name: `${name}-2`, port, env: { ...env, PORT: String(port) } });
  };
  return { stores, second };
}

const withMore = (spec: NodeProcess, beside?: Pick<NodeProcess, 'args' | 'env'>): NodeProcess => ({
  ...spec,
  args: beside?.args ?? [],
  env: { ...spec.env, ...beside?.env },
});

async function routed(
  { databases }: Stores,
  { route = async (_, url) => url }: Settings,
): Promise<Stores['databases']> {
  const ways = Object.entries(databases).map(async ([name, url]) => [name, await route(name as Database, url)]);
  return Object.fromEntries(await Promise.all(ways));
}

function handles({ ports, dataDir }: Settings, running: readonly Supervised[]) {
  const find = (name: ProcessName) => {
    const process = running.find((one) => one.name === name);
    if (!process) throw new Error(`There is no process ${name} here.`);
    return process;
  };
  return {
    gatewayUrl: urlsFrom(ports).gateway,
    urls: urlsFrom(ports),
    logs: Object.fromEntries(running.map(({ name }) => [name, logFileOf(dataDir, name)])),
    processes: () => Object.fromEntries(running.map(({ name, pid }) => [name, pid()])),
    kill: (name: ProcessName) => find(name).kill(),
    back: (name: ProcessName, ms: number) => find(name).back(ms),
  };
}

/** However often it is called, it is done once, and everyone waits for that. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

/** What takes new work stops first; what others need to finish theirs, last. */
async function stopAll(running: readonly Supervised[]): Promise<void> {
  const services = SERVICES.flatMap((name) => [name, `${name}-2`]);
  const rounds: string[][] = [['gateway'], services, ['identity'], ['kafka'], ['postgres']];
  for (const round of rounds) {
    await Promise.all(running.filter(({ name }) => round.includes(name)).map((one) => one.stop()));
  }
}
