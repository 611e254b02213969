/** Events that do something countable, for tests of how often and in which order they do it. */
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import type { Subscription } from '../src/in/consumer.js';
import type { OutboxEvent } from '../src/out/outbox.js';
import { append } from '../src/out/outbox.js';
import { type SentEvent, toRecord } from '../src/transport/envelope.js';
import type { Chunk, LogRecord } from '../src/transport/transport.js';

export const TYPE = 'merit.test.v1.Counted';

/** Nothing in this table keeps an effect from happening twice. */
export const createEffects = (db: DataSource): Promise<unknown> =>
  db.query('create table if not exists effect (n bigserial, aggregate text, sequence int, event_id text)');

/** Notes each event. */
export const counting = (topic: string, over: Partial<Subscription> = {}): Subscription => ({
  topic,
  types: [TYPE],
  handle: async (tx, events) => {
    await tx.query(
      'insert into effect (aggregate, sequence, event_id) select * from unnest($1::text[], $2::int[], $3::text[])',
      [events.map(({ aggregate }) => aggregate), events.map(({ sequence }) => sequence), events.map(({ id }) => id)],
    );
  },
  ...over,
});

/** Of each aggregate, the numbers of its events as they took effect: 1, 2, 3 when each did once and in order. */
export async function effectsOf(db: DataSource): Promise<Map<string, number[]>> {
  const rows: { aggregate: string; sequences: number[] }[] = await db.query(
    'select aggregate, array_agg(sequence order by n) as sequences from effect group by aggregate',
  );
  return new Map(rows.map(({ aggregate, sequences }) => [aggregate, sequences]));
}

export async function countEffects(db: DataSource): Promise<number> {
  const [row] = await db.query('select count(*)::int as n from effect');
  return row.n;
}

/** Every aggregate's effects are 1, 2, 3, …: none lost, none twice, none out of order. */
export async function expectEachOnceInOrder(db: DataSource, events: number): Promise<void> {
  const effects = await effectsOf(db);
  for (const sequences of effects.values()) expect(sequences).toEqual(sequences.map((_, i) => i + 1));
  expect([...effects.values()].flat()).toHaveLength(events);
}

export const outboxEvent = (aggregateId: string, over: Partial<OutboxEvent> = {}): OutboxEvent => ({
  id: v7(),
  aggregateType: 'thing',
  aggregateId,
  key: aggregateId,
  type: TYPE,
  payload: new Uint8Array([1]),
  occurredAt: new Date(),
  ...over,
});

/** A command that appends these. */
export const write = (db: DataSource, events: readonly OutboxEvent[]): Promise<void> =>
  db.transaction((tx) => append(tx, events, { actor: 'system', traceparent: null }));

/** So many commands, each with an event for each of the things. */
export async function writeMany(db: DataSource, things: readonly string[], commands: number): Promise<number> {
  for (let i = 0; i < commands; i += 1)
    await write(
      db,
      things.map((thing) => outboxEvent(thing)),
    );
  return commands * things.length;
}

export const things = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** A record of an event as it would stand in the log. */
export function logRecord(offset: number, over: Partial<SentEvent> = {}): LogRecord {
  const at = new Date('2026-03-05T08:00:00Z');
  const event = { id: v7(), source: '/merit/test', type: TYPE, aggregate: 'thing/1', sequence: 1, key: 'key 1' };
  return {
    offset,
    ...toRecord({ ...event, occurredAt: at, recordedAt: at, payload: new Uint8Array([1]), headers: {}, ...over }),
  };
}

/** A chunk of a log that holds just these records, unless told more. */
export const chunkOf = (records: readonly LogRecord[], over: Partial<Chunk> = {}): Chunk => ({
  clusterId: 'a log',
  topic: 'merit.test.v1',
  partition: 0,
  records,
  assignment: 1,
  watermarks: async () => ({ low: 0, high: records.at(-1)!.offset + 1 }),
  ...over,
});
