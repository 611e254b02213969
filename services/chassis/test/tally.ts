/** A read model for tests: of each aggregate, the ids of its events in the order in which they were applied. */
import { create, toBinary } from '@bufbuild/protobuf';
import { SnapshotSchema } from '@merit/proto/events';
import type { DataSource } from 'typeorm';
import type { ReadModel } from '../src/in/readmodel.js';
import { SNAPSHOT, snapshotEnded } from '../src/transport/envelope.js';
import type { LogRecord } from '../src/transport/transport.js';
import { logRecord, TYPE } from './effects.js';

export const TOPIC = 'merit.test.v1';
export const SOURCE = '/merit/test';

export const createTally = (db: DataSource): Promise<unknown> =>
  db.query(`create table tally (aggregate text primary key, ids text[] not null);
    create index tally_by_length on tally (cardinality(ids)) where cardinality(ids) > 1`);

export const tally: ReadModel = {
  name: 'tally',
  topic: TOPIC,
  types: [TYPE],
  tables: ['tally'],
  apply: async (tx, events) => {
    const ids = new Map<string, string[]>();
    for (const { aggregate, id } of events) ids.set(aggregate, [...(ids.get(aggregate) ?? []), id]);
    await tx.query(
      `insert into tally as t select r.aggregate, array(select jsonb_array_elements_text(r.ids))
         from jsonb_to_recordset($1::jsonb) as r (aggregate text, ids jsonb)
       on conflict (aggregate) do update set ids = t.ids || excluded.ids`,
      [JSON.stringify([...ids].map(([aggregate, each]) => ({ aggregate, ids: each })))],
    );
  },
  forget: async (tx, aggregates) => {
    await tx.query('delete from tally where aggregate = any($1)', [aggregates]);
  },
};

/** Aggregate → the ids of its events, as they were applied. */
export async function tallied(db: DataSource, table = 'tally'): Promise<Record<string, string[]>> {
  const rows: { aggregate: string; ids: string[] }[] = await db.query(`select * from ${table} order by aggregate`);
  return Object.fromEntries(rows.map(({ aggregate, ids }) => [aggregate, ids]));
}

export interface Told {
  readonly aggregate: string;
  readonly key?: string;
  readonly timeline?: number;
}

/** Where an aggregate stands: as if these events had made it. */
export function snapshotRecord(
  offset: number,
  run: string,
  { aggregate, ...over }: Told,
  ids: readonly string[],
): LogRecord {
  const parts = ids.map((eventId) => ({ eventId, type: TYPE, payload: new Uint8Array([1]) }));
  const payload = toBinary(SnapshotSchema, create(SnapshotSchema, { parts }));
  const about = { id: `${run} ${aggregate}`, type: SNAPSHOT, snapshot: run, sequence: ids.length, payload };
  return logRecord(offset, { aggregate, ...about, ...over });
}

export function endRecord(offset: number, run: string, partition = 0, timeline = 1): LogRecord {
  const at = new Date('2026-03-05T08:00:00Z');
  const end = { id: run, source: SOURCE, type: '', occurredAt: at, recordedAt: at, payload: new Uint8Array() };
  return { offset, ...snapshotEnded({ ...end, headers: {}, snapshot: run, timeline }, partition) };
}
