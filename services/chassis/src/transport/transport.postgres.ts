/** Events through an append-only log in PostgreSQL: for one machine that has no Kafka. */
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { logMigrations, openDatabase } from '../database.js';
import { within } from '../pause.js';
import { refuseLarge } from './record.js';
import type { EventTransport, GroupSubscription } from './transport.js';
import { connected } from './transport.measured.js';
import { startGroup } from './transport.postgres.group.js';
import { append, lagOf, makeTopics, tidy } from './transport.postgres.table.js';

export interface PostgresLogOptions {
  /** A database for the log alone. Not behind a pooler: readers listen in it. */
  readonly url: string;
  readonly log: Logger;
  /** How long records are kept. 14 days unless told. */
  readonly retentionDays?: number;
}

const TIDY_MS = 10 * 60_000;

/** Connects at first use, so that a service starts before its log does. */
export function openPostgresLog({ url, log, retentionDays = 14 }: PostgresLogOptions): EventTransport {
  const database = lazily(async () => {
    const db = await openDatabase({
      url,
      entities: [],
      migrations: [logMigrations],
      poolSize: 5,
      name: 'merit-event-log',
    });
    connected('publish');
    return db;
  });
  const partitions = new Map<string, number>();
  const groups = new Set<GroupSubscription>();
  const tidying = setInterval(() => {
    if (database.opened())
      tidy(database.opened()!, retentionDays).catch((err) => log.warn({ err }, 'old events could not be removed'));
  }, TIDY_MS);
  tidying.unref();

  const ensureTopics = async (topics: readonly string[]) => {
    const missing = topics.filter((topic) => !partitions.has(topic));
    if (missing.length > 0) {
      for (const [topic, count] of await makeTopics(await database(), missing)) partitions.set(topic, count);
    }
    return new Map(topics.map((topic) => [topic, partitions.get(topic)!]));
  };

  return {
    ensureTopics,

    async publish(topic, records) {
      refuseLarge(records);
      if (records.length === 0) return;
      const count = (await ensureTopics([topic])).get(topic)!;
      try {
        await append(await database(), topic, records, count);
      } catch (error) {
        partitions.delete(topic); // should the log be another by now, the next attempt makes the topic there
        throw error;
      }
    },

    async subscribe(group, topics, onChunk) {
      await ensureTopics(topics);
      const started = startGroup({ db: await database(), url, group, topics, onChunk, log });
      groups.add(started);
      return { ready: started.ready, stop: () => started.stop().finally(() => groups.delete(started)) };
    },

    async lag(group, topics) {
      return lagOf(await database(), group, topics);
    },

    async close(deadlineMs) {
      clearInterval(tidying);
      const stopped = Promise.allSettled([...groups].map((group) => group.stop()));
      await within(deadlineMs, stopped).catch(() => log.warn('a reader of the event log did not end in time'));
      if (database.opened()?.isInitialized) await database.opened()!.destroy();
    },
  };
}

/** Opens at the first call; when that fails, again at the next. */
function lazily(open: () => Promise<DataSource>) {
  let opening: Promise<DataSource> | undefined;
  let db: DataSource | undefined;
  const get = async () => {
    opening ??= open();
    try {
      db = await opening;
      return db;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  return Object.assign(get, { opened: () => db });
}
