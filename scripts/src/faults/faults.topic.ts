/** A log that loses everything and begins anew, as one does that is restored from nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '@merit/chassis/log';
import { administrator } from '@merit/chassis/transport/transport.kafka.admin';
import { kafkaClient } from '@merit/chassis/transport/transport.kafka.client';
import { openTopics } from '@merit/chassis/transport/transport.kafka.topics';
import { until } from '@merit/infra/process';
import pg from 'pg';
import { wantedTopics } from '../merit/events.topics.list.js';
import { SERVICES } from '../start.plan.js';
import { readTopics } from './evidence.topics.js';
import type { Fault, Scene } from './fault.js';

const DRAINED_WITHIN_MS = 60_000;
const REMADE_WITHIN_MS = 30_000;
/** Long enough for the readers to have gone through what was there. */
const QUIET_MS = 2_000;

export const remadeTopics: Fault = {
  name: 'topics made anew',
  strike: async (scene) => {
    // What the log lost before anyone had read it is another story: a replay's.
    await scene.load.rest(async () => {
      await drained(scene);
      scene.keep(await readTopics(scene.world));
      const { brokers, databases } = scene.world.merit;
      await (brokers === undefined ? remakeLog(databases.eventlog!) : remakeTopics(brokers.split(',')));
    });
  },
};

async function drained({ world }: Scene): Promise<void> {
  const waiting = async () => {
    const counts = SERVICES.map(async (service) => {
      const { rows } = await world.databases[service].query('select from outbox_line limit 1');
      return rows.length;
    });
    return (await Promise.all(counts)).every((count) => count === 0);
  };
  await until(waiting, DRAINED_WITHIN_MS);
  await pause(QUIET_MS);
}

async function remakeLog(url: string): Promise<void> {
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

/** As an operator would, who deletes the topics and makes them as Merit wants them. */
async function remakeTopics(brokers: string[]): Promise<void> {
  const wanted = wantedTopics(brokers.length);
  const options = { brokers, security: {}, log: createLog('faults', 'silent') };
  const ask = administrator(kafkaClient({ ...options, answerWithinMs: 15_000 }));
  await ask((admin) => admin.deleteTopics({ topics: wanted.map(({ topic }) => topic) }));
  const topics = openTopics(options);
  const stand = async () => {
    await topics.apply(wanted).catch(() => undefined); // a topic that is just being deleted can be neither seen nor made
    return (await topics.compare(wanted)).every(({ exists, drift }) => exists && drift.length === 0);
  };
  if (!(await until(stand, REMADE_WITHIN_MS))) throw new Error('The topics could not be made anew.');
}
