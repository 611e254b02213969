/** The statements of the inbox. Their number does not depend on how many records come at once. */
import type { EntityManager } from 'typeorm';
import type { ReceivedEvent } from './envelope.js';
import { type Applied, type Letter, type Position, type Sifted, sequenceName, storable } from './inbox.js';

/** Locks the position of a partition until the transaction ends: whoever else was given the partition waits here, and then finds it moved. */
export async function lockPosition(tx: EntityManager, topic: string, partition: number): Promise<Position> {
  const [row] = await selectPosition(tx, topic, partition);
  if (row) return row;
  await tx.query('insert into consumer_offset (topic, partition) values ($1, $2) on conflict do nothing', [
    topic,
    partition,
  ]);
  return (await selectPosition(tx, topic, partition))[0]!;
}

async function selectPosition(tx: EntityManager, topic: string, partition: number): Promise<Position[]> {
  const rows: { next_offset: string; cluster_id: string | null; last_event_id: string | null }[] = await tx.query(
    'select next_offset, cluster_id, last_event_id from consumer_offset where (topic, partition) = ($1, $2) for update',
    [topic, partition],
  );
  return rows.map((row) => ({
    next: Number(row.next_offset),
    clusterId: row.cluster_id,
    lastEventId: row.last_event_id,
  }));
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** `asOf` never goes back: what was known once is known. */
export const savePosition = (
  tx: EntityManager,
  { topic, partition }: Place,
  position: Position & { readonly asOf: Date | null },
): Promise<unknown> =>
  tx.query(
    `update consumer_offset
        set next_offset = $3, cluster_id = $4, last_event_id = $5, as_of = greatest(as_of, $6)
      where (topic, partition) = ($1, $2)`,
    [topic, partition, position.next, position.clusterId, position.lastEventId, position.asOf],
  );

/** Those of the keys that have a record waiting in `dead_letter`. */
export async function parkedKeys(tx: EntityManager, topic: string, keys: readonly string[]): Promise<Set<string>> {
  const rows: { key: string }[] = await tx.query(
    `select distinct key from dead_letter where state = 'WAITING' and topic = $1 and key = any($2)`,
    [topic, keys],
  );
  return new Set(rows.map((row) => row.key));
}

/** The last event applied of each of these events' aggregates, by name; no entry for one that is new. */
export async function appliedOf(tx: EntityManager, events: readonly ReceivedEvent[]): Promise<Map<string, Applied>> {
  if (events.length === 0) return new Map();
  const rows: { source: string; aggregate: string; last_seq: number; last_event_id: string }[] = await tx.query(
    `select source, aggregate, last_seq, last_event_id from applied_sequence
      where (source, aggregate) in (select * from unnest($1::text[], $2::text[]))`,
    [events.map(({ source }) => source), events.map(({ aggregate }) => aggregate)],
  );
  return new Map(rows.map((row) => [sequenceName(row), { seq: row.last_seq, eventId: row.last_event_id }]));
}

/** Never lower than it was. */
export async function saveApplied(tx: EntityManager, sequences: Sifted['sequences']): Promise<void> {
  if (sequences.size === 0) return;
  const rows = [...sequences.values()];
  await tx.query(
    `insert into applied_sequence as a (source, aggregate, last_seq, last_event_id)
     select * from unnest($1::text[], $2::text[], $3::int[], $4::text[])
     on conflict (source, aggregate) do update
       set last_seq = excluded.last_seq, last_event_id = excluded.last_event_id where a.last_seq < excluded.last_seq`,
    [
      rows.map(({ source }) => source),
      rows.map(({ aggregate }) => aggregate),
      rows.map(({ seq }) => seq),
      rows.map(({ eventId }) => eventId),
    ],
  );
}

/** Once per event, however often it is delivered. */
export async function saveLetters(
  tx: EntityManager,
  { topic, partition }: Place,
  letters: readonly Letter[],
): Promise<void> {
  if (letters.length === 0) return;
  await tx.query(
    `insert into dead_letter (topic, partition, event_id, "offset", key, sequence, headers, value, code, message, attempts)
     select $1, $2, * from unnest($3::text[], $4::bigint[], $5::text[], $6::int[], $7::jsonb[], $8::bytea[], $9::text[], $10::text[], $11::int[])
     on conflict (event_id) do nothing`,
    [
      topic,
      partition,
      letters.map(({ eventId }) => eventId),
      letters.map(({ record }) => record.offset),
      letters.map(({ key }) => key),
      letters.map(({ sequence }) => sequence),
      letters.map(({ record }) => headersOf(record.headers)),
      letters.map(({ record }) => record.value),
      letters.map(({ code }) => code),
      letters.map(({ message }) => message),
      letters.map(({ attempts }) => attempts),
    ],
  );
}

const headersOf = (headers: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(headers).map((pair) => pair.map(storable))));
