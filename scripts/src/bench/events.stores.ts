/** A PostgreSQL and, where events go through Kafka, a broker: fresh ones, for one measurement. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startKafka } from '@merit/infra/kafka/kafka';
import { ensureDatabase, startPostgres } from '@merit/infra/postgres/postgres';
import { cpuOf } from './gateway.cpu.js';
import { stopOnInterrupt } from './interrupt.js';
import { processesBelow } from './memory.js';

export interface Stores {
  /** `host:port`; absent where events go through the log in PostgreSQL. */
  readonly brokers?: string;
  /** What they have had of the processors so far, in milliseconds. */
  readonly processor: () => { readonly postgres: number; readonly kafka: number };
  /** Makes a database, and answers its connection. */
  readonly database: (name: string) => Promise<string>;
  /** What a service's process takes to find them: its own database of this name, and the events. */
  readonly env: (name: string) => Promise<Record<string, string>>;
}

export interface StoresOptions {
  readonly folder: string;
  /** PostgreSQL's; the next two are Kafka's. */
  readonly port: number;
  readonly kafka: boolean;
}

/** Starts them, lets `work` have them, and leaves nothing of them behind. */
export async function withStores<R>(
  { folder, port, kafka }: StoresOptions,
  work: (stores: Stores) => Promise<R>,
): Promise<R> {
  const dataDir = path.join(folder, 'stores');
  mkdirSync(dataDir, { recursive: true });
  const starting: Promise<{ stop(): Promise<void> }>[] = [];
  const stop = async () => {
    // The last first; one that is just being started is waited for, and one that could not be is not there.
    for (const each of starting.splice(0).reverse()) await each.then((it) => it.stop()).catch(() => undefined);
    rmSync(dataDir, { recursive: true, force: true });
  };
  const begin = <S extends { stop(): Promise<void> }>(start: Promise<S>): Promise<S> => {
    starting.push(start);
    return start;
  };
  const forget = stopOnInterrupt(stop);
  try {
    const postgres = await begin(startPostgres({ dataDir: path.join(dataDir, 'postgres'), port }));
    const database = (name: string) => ensureDatabase(postgres.adminUrl, { name, password: 'bench' });
    const place = { dataDir: path.join(dataDir, 'kafka'), port: port + 1, controllerPort: port + 2 };
    const broker = kafka ? await begin(startKafka(place)) : null;
    return await work({
      ...(broker ? { brokers: broker.brokers } : {}),
      processor: () => ({
        postgres: cpuOf(processesBelow(postgres.pid, path.join(dataDir, 'postgres'))),
        kafka: broker ? cpuOf([broker.pid]) : 0,
      }),
      database,
      env: async (name) => ({
        DATABASE_URL: await database(name),
        ...(broker ? { KAFKA_BROKERS: broker.brokers } : { EVENT_LOG_URL: await database('eventlog') }),
      }),
    });
  } finally {
    forget();
    await stop();
  }
}
