/** The system that faults are brought upon: real processes, two agencies, people, a course and services. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type KafkaSet, startKafkaSet } from '@merit/infra/kafka/set';
import pg from 'pg';
import { connectGraph, type Graph } from '../graph.client.js';
import { type MeritOptions, type RunningMerit, startMerit } from '../processes.js';
import { type Database, SERVICES, type Service } from '../start.plan.js';
import { freePorts } from '../start.ports.js';
import { askToken } from '../token.ask.js';
import { mountSmallDisk } from './disk.js';
import { addControl, type Control } from './preload/control.js';
import { startProxy, type TcpProxy } from './proxy.js';
import { type Filled, fill } from './world.fill.js';

export interface World extends Filled {
  readonly merit: RunningMerit;
  readonly folder: string;
  readonly token: string;
  readonly graph: Graph;
  /** Straight to each service's database, past whatever lies in a service's own way. */
  readonly databases: Readonly<Record<Service, pg.Pool>>;
  /** The lines from the processes to their databases, and to the broker where it is one alone. */
  readonly lines: Readonly<Partial<Record<Database, TcpProxy>>>;
  readonly brokerLine: TcpProxy | null;
  /** Three brokers, where the events go through them. */
  readonly cluster: KafkaSet | null;
  /** What a process is told to do to itself. */
  readonly control: (name: string, control: Control) => void;
  readonly stop: () => Promise<void>;
}

export interface WorldOptions extends Pick<MeritOptions, 'kafka'> {
  /** Through a set of so many brokers, which is started for it. */
  readonly brokers?: number | undefined;
  /** Empty or missing; everything is in it. */
  readonly folder: string;
  /** It begins with what this one holds, instead of being filled. */
  readonly from?: Template | undefined;
  readonly variant?: string | undefined;
  /** Decides what damage is done, too. */
  readonly seed?: string;
  /** Gives the database a disk of its own, where that can be done. */
  readonly smallDisk?: boolean;
  /** False where no database is killed: it need not write through to the disk. */
  readonly durable?: boolean;
}

/** A world that was filled and stopped, of which others begin as copies. */
export interface Template {
  readonly folder: string;
  readonly filled: Filled;
}

const PEOPLE = 160;

/** Starts and fills it. @throws what a start throws; then nothing is left running */
export async function startWorld(given: WorldOptions): Promise<World> {
  const { folder, from, variant, brokers, seed = '', smallDisk = false, durable = true, ...options } = given;
  const closing: (() => unknown)[] = smallDisk ? [mountSmallDisk(folder)] : [];
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    for (const close of closing.reverse()) await close();
  };
  // Whoever asks second waits for the same.
  const stop = () => {
    stopping ??= stopAll();
    return stopping;
  };
  try {
    const cluster = brokers ? await startKafkaSet({ dataDir: path.join(folder, 'brokers'), count: brokers }) : null;
    if (cluster) closing.push(cluster.stop);
    const lines: Partial<Record<Database, TcpProxy>> = {};
    let brokerLine: TcpProxy | null = null;
    closing.push(() => Promise.all([...Object.values(lines), brokerLine].map((line) => line?.close())));
    const controls = path.join(folder, 'control');
    mkdirSync(controls, { recursive: true });
    if (from) copyData(from.folder, folder);
    const merit = await startMerit({
      ...options,
      kafkaBrokers: cluster?.brokers,
      port: await freePorts(),
      dataDir: path.join(folder, 'data'),
      durable,
      onTrouble: (text) => appendFileSync(path.join(folder, 'troubles.log'), `${new Date().toISOString()} ${text}\n`),
      route: async (database, url) => {
        const far = new URL(url);
        lines[database] = await startProxy({ host: far.hostname, port: Number(far.port) });
        far.port = String(lines[database].port);
        return far.toString();
      },
      routeBroker: async (port) => {
        brokerLine = await startProxy({ host: '127.0.0.1', port });
        return brokerLine.port;
      },
      beside: (name) => (isService(name) ? preload({ controls, name, variant, seed }) : { env: {} }),
    });
    closing.push(merit.stop);
    const databases = Object.fromEntries(SERVICES.map((name) => [name, poolOf(merit.databases[name]!)])) as Record<
      Service,
      pg.Pool
    >;
    closing.push(() => Promise.all(Object.values(databases).map((pool) => pool.end())));
    const token = await askToken(merit.urls.identity, 'system');
    const graph = connectGraph(merit.gatewayUrl, token);
    closing.push(graph.close);
    const filled = from?.filled ?? (await fill(graph, PEOPLE));
    const control = (name: string, what: Control) => addControl(controls, name, what);
    return { merit, folder, token, graph, databases, lines, brokerLine, cluster, ...filled, control, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Fills a world, and stops it: what takes longest is done once for all that begin as copies. */
export async function makeTemplate(folder: string, kafka: boolean, keep: (world: World) => void): Promise<Template> {
  const world = await startWorld({ folder, kafka, durable: false });
  keep(world);
  const { agencies, people, movers, courseId, services } = world;
  await world.stop();
  return { folder, filled: { agencies, people, movers, courseId, services } };
}

/** With owners and modes: a database starts on nothing that others may read. */
function copyData(from: string, to: string): void {
  mkdirSync(path.join(to, 'data'), { recursive: true });
  execFileSync('cp', ['-a', `${path.join(from, 'data')}/.`, path.join(to, 'data')]);
}

const isService = (name: string): boolean => SERVICES.some((service) => name.startsWith(service));

const preload = (given: { controls: string; name: string; variant?: string | undefined; seed: string }) => ({
  args: ['--import', new URL('./preload/register.js', import.meta.url).href],
  env: {
    MERIT_FAULTS: given.controls,
    MERIT_FAULTS_NAME: given.name,
    MERIT_FAULTS_VARIANT: given.variant ?? '',
    MERIT_FAULTS_SEED: given.seed,
  },
});

function poolOf(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 3, connectionTimeoutMillis: 2_000, statement_timeout: 30_000 });
  // A connection that breaks while idle is replaced at its next use.
  pool.on('error', () => undefined);
  return pool;
}
