/** What `npm start` and the tools beside it are told by the environment. */
import path from 'node:path';
import { trouble } from '@merit/infra/trouble';
import type { MeritOptions } from './processes.js';
import { DATABASES, type Database, ROOT } from './start.plan.js';

type Settings = Pick<MeritOptions, 'port' | 'dataDir' | 'kafkaBrokers' | 'databaseUrl' | 'databaseUrls' | 'logLevel'>;

/** The highest port that leaves room for those that follow from it. */
const HIGHEST_PORT = 65_535 - 8;

/**
 * MERIT_PORT and MERIT_DATA; KAFKA_BROKERS, DATABASE_URL or PERSONNEL_DATABASE_URL and its like; LOG_LEVEL. An empty
 * variable counts as absent.
 * @throws Trouble for a port that cannot be
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const databaseUrls = Object.fromEntries(
    DATABASES.map((name) => [name, env[variableOf(name)] || undefined]).filter(([, url]) => url !== undefined),
  ) as Partial<Record<Database, string>>;
  return {
    port: readPort(env['MERIT_PORT']),
    dataDir: path.resolve(ROOT, env['MERIT_DATA'] || '.merit'),
    kafkaBrokers: env['KAFKA_BROKERS'] || undefined,
    databaseUrl: env['DATABASE_URL'] || undefined,
    ...(Object.keys(databaseUrls).length > 0 ? { databaseUrls } : {}),
    ...(env['LOG_LEVEL'] ? { logLevel: env['LOG_LEVEL'] } : {}),
  };
}

const variableOf = (name: Database): string =>
  name === 'eventlog' ? 'EVENT_LOG_URL' : `${name.toUpperCase()}_DATABASE_URL`;

function readPort(text: string | undefined): number {
  const port = Number(text || 4000);
  if (Number.isInteger(port) && port >= 1 && port <= HIGHEST_PORT) return port;
  throw trouble(`MERIT_PORT is ${text}: it must be a whole number from 1 to ${HIGHEST_PORT}.`);
}
