/** A log that loses everything and begins anew, as one does that is restored from nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@merit/infra/process';
import pg from 'pg';
import { SERVICES } from '../start.plan.js';
import { readTopics } from './evidence.js';
import type { Fault, Scene } from './fault.js';

const DRAINED_WITHIN_MS = 60_000;
/** Long enough for the readers to have gone through what was there. */
const QUIET_MS = 2_000;

export const remadeTopics: Fault = {
  name: 'topics made anew',
  missing: ({ merit }) => (merit.brokers === undefined ? null : 'the suite makes only the embedded log anew'),
  strike: async (scene) => {
    // What the log lost before anyone had read it is another story: a replay's.
    await scene.load.rest(async () => {
      await drained(scene);
      scene.keep(await readTopics(scene.world));
      await remake(scene.world.merit.databases.eventlog!);
    });
  },
};

async function drained({ world }: Scene): Promise<void> {
  const waiting = async () => {
    const counts = SERVICES.map(async (service) => {
      const { rows } = await world.databases[service].query('select from outbox where published_at is null limit 1');
      return rows.length;
    });
    return (await Promise.all(counts)).every((count) => count === 0);
  };
  await until(waiting, DRAINED_WITHIN_MS);
  await pause(QUIET_MS);
}

async function remake(url: string): Promise<void> {
  const log = new pg.Client(url);
  await log.connect();
  try {
    await log.query(`begin;
      truncate log;
      update log_partition set next_offset = 0;
      update log_identity set cluster_id = gen_random_uuid();
      update log_group_offset set next_offset = 0;
      commit`);
  } finally {
    await log.end();
  }
}
