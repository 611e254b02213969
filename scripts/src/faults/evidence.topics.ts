/** What stands on the topics. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '@merit/chassis/log';
import { ACCESS_TOPIC } from '@merit/chassis/transport/envelope';
import type { ChunkHandler, LogRecord } from '@merit/chassis/transport/transport';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { until } from '@merit/infra/process';
import { SERVICES } from '../start.plan.js';
import type { Published } from './evidence.js';
import type { World } from './world.js';

const TOPICS = [...SERVICES.map((service) => `merit.${service}.v1`), ACCESS_TOPIC];
const READ_WITHIN_MS = 120_000;
/** How long brokers that have just come back may take until each partition has a leader. */
const LED_WITHIN_MS = 60_000;

/** Every topic from its beginning to its end, by a reader of the suite's own. */
export async function readTopics({ merit }: Pick<World, 'merit'>): Promise<Published[]> {
  const env = { KAFKA_BROKERS: merit.brokers, EVENT_LOG_URL: merit.databases.eventlog };
  const transport = await openTransport(env, createLog('faults', 'silent'));
  const group = `faults-${randomUUID()}`;
  const read = new Map<string, Map<number, LogRecord>>();
  try {
    await patiently(() => transport.ensureTopics(TOPICS));
    // Of a group that has read nothing, the lag is all there is.
    const ends = await patiently(() => transport.lag(group, TOPICS));
    const take: ChunkHandler = async ({ topic, partition, records }) => {
      const name = `${topic}/${partition}`;
      const here = read.get(name) ?? new Map<number, LogRecord>();
      read.set(name, here);
      for (const record of records) here.set(record.offset, record);
      return records.at(-1)!.offset + 1;
    };
    const subscription = await patiently(() => transport.subscribe(group, TOPICS, take));
    const whole = () =>
      ends.every(({ topic, partition, lag }) => (read.get(`${topic}/${partition}`)?.size ?? 0) >= lag);
    const done = await until(whole, READ_WITHIN_MS);
    await subscription.stop();
    if (!done) throw new Error('The topics could not be read to their ends.');
  } finally {
    await transport.close(5_000);
  }
  return [...read].flatMap(([place, records]) =>
    [...records.values()].sort((a, b) => a.offset - b.offset).flatMap((record) => publishedOf(place, record)),
  );
}

async function patiently<R>(ask: () => Promise<R>): Promise<R> {
  const deadline = Date.now() + LED_WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await pause(500);
    }
  }
}

function publishedOf(place: string, { headers }: LogRecord): Published[] {
  const { ce_id: eventId, ce_subject: subject, ce_sequence: sequence, ce_snapshot: snapshot } = headers;
  if (!eventId || !subject || !sequence || snapshot) return [];
  return [{ place, eventId, subject, sequence: Number(sequence) }];
}
