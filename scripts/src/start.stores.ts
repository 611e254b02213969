/** The databases and the broker: embedded ones, or those that exist. */
import path from 'node:path';
import { startKafka } from '@merit/infra/kafka/kafka';
import { ensureDatabase, passwordOf, startPostgres } from '@merit/infra/postgres/postgres';
import { trouble } from '@merit/infra/trouble';
import type { MeritOptions } from './processes.js';
import { logFileOf } from './start.node.js';
import { DATABASES, type Database, type Ports, placesIn } from './start.plan.js';
import { everyOne, type Supervised, supervise } from './start.supervisor.js';

export interface Stores {
  readonly databases: Readonly<Partial<Record<Database, string>>>;
  readonly brokers: string | undefined;
}

type Settings = MeritOptions & { ports: Ports; report: (text: string) => void; keep: (process: Supervised) => void };

/** Starts what is not given. Each process goes to `keep` as soon as it runs. */
export async function openStores(settings: Settings): Promise<Stores> {
  const needsBroker = settings.kafka === true && settings.kafkaBrokers === undefined;
  const usesKafka = needsBroker || settings.kafkaBrokers !== undefined;
  const given = settings.databaseUrls ?? {};
  const missing = DATABASES.filter((name) => given[name] === undefined && !(name === 'eventlog' && usesKafka));
  const create = async () => createDatabases(await openServer(settings), missing);
  const [broker = {}, databases = {}] = await everyOne<Partial<Stores>>([
    needsBroker ? embedKafka(settings) : Promise.resolve({}),
    missing.length > 0 ? create() : Promise.resolve({}),
  ]);
  return {
    databases: { ...given, ...databases.databases },
    brokers: settings.kafkaBrokers ?? broker.brokers,
  };
}

const openServer = async (settings: Settings): Promise<{ adminUrl: string; passwordFile: string }> =>
  settings.databaseUrl
    ? { adminUrl: settings.databaseUrl, passwordFile: placesIn(settings.dataDir).passwords }
    : embedPostgres(settings);

async function embedPostgres(settings: Settings): Promise<{ adminUrl: string; passwordFile: string }> {
  const { dataDir, ports, durable = true, onProgress = () => undefined } = settings;
  let server = { adminUrl: '', passwordFile: '' };
  const launch = async () => {
    const options = { dataDir: placesIn(dataDir).postgres, port: ports.postgres, durable, onProgress };
    const postgres = await startPostgres({ ...options, logFile: logFileOf(dataDir, 'postgres') });
    server = postgres;
    return postgres;
  };
  settings.keep(await supervise('postgres', launch, settings.report, settings.signal));
  return server;
}

async function embedKafka(settings: Settings): Promise<Pick<Stores, 'brokers'>> {
  const { dataDir, ports, onProgress = () => undefined } = settings;
  const advertisedPort = await settings.routeBroker?.(ports.kafka);
  let brokers = '';
  const launch = async () => {
    const options = { dataDir: placesIn(dataDir).kafka, port: ports.kafka, controllerPort: ports.kafkaController };
    const kafka = await startKafka({
      ...options,
      advertisedPort,
      onProgress,
      logFile: path.resolve(logFileOf(dataDir, 'kafka')),
    });
    brokers = kafka.brokers;
    return kafka;
  };
  settings.keep(await supervise('kafka', launch, settings.report, settings.signal));
  return { brokers };
}

async function createDatabases(
  { adminUrl, passwordFile }: { adminUrl: string; passwordFile: string },
  names: readonly Database[],
): Promise<Pick<Stores, 'databases'>> {
  const urls: Partial<Record<Database, string>> = {};
  for (const short of names) {
    const name = `merit_${short}`;
    try {
      urls[short] = await ensureDatabase(adminUrl, { name, password: passwordOf(passwordFile, name) });
    } catch (error) {
      const where = new URL(adminUrl).host;
      throw trouble(
        `The database ${name} could not be created on ${where}: ${(error as Error).message || (error as { code?: string }).code}`,
      );
    }
  }
  return { databases: urls };
}
