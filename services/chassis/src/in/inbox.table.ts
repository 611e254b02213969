/** The statements of the inbox. Their number does not depend on how many records come at once. */
import type { EntityManager } from 'typeorm';
import { plainArray } from '../array.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import type { Position } from './inbox.fence.js';
import { type Known, type Sequence, sequenceName } from './inbox.js';
import type { Applied } from './inbox.judge.js';

/** What stands in a partition's row. */
export interface Locked extends Position {
  /** The read models that are being built anew from this topic. Current as of the lock, for they change under it. */
  readonly rebuilding: readonly string[];
  /** Whether it was made just now: what was asked for together with it was read before anything was held. */
  readonly isNew: boolean;
}

/** Locks the position of a partition until the transaction ends: whoever else was given the partition waits here, and then finds it moved. */
export async function lockPosition(tx: EntityManager, topic: string, partition: number): Promise<Locked> {
  const [row] = await selectPosition(tx, topic, partition);
  if (row) return { ...row, isNew: false };
  await addPositions(tx, topic, { from: partition, to: partition });
  return { ...(await selectPosition(tx, topic, partition))[0]!, isNew: true };
}

/**
 * Makes the rows of partitions that have none, in the caller's transaction. The topic's first row is held meanwhile, as
 * whoever opens a rebuild holds it: so a new row has the rebuilds that the others have.
 */
export async function addPositions(
  tx: EntityManager,
  topic: string,
  partitions: { readonly from: number; readonly to: number },
  heartbeats: boolean | null = null,
): Promise<void> {
  await tx.query('select from consumer_offset where topic = $1 order by partition limit 1 for share', [topic]);
  await tx.query(
    `insert into consumer_offset as o (topic, partition, heartbeats, rebuilding)
     select $1, n, coalesce($4, known.heartbeats, true), coalesce(known.rebuilding, '{}')
       from generate_series($2::int, $3::int) n
       left join (select * from consumer_offset where topic = $1 order by partition limit 1) known on true
      order by n
     on conflict (topic, partition) do update set heartbeats = excluded.heartbeats
       where $4::boolean is not null and o.heartbeats <> excluded.heartbeats`,
    [topic, partitions.from, partitions.to, heartbeats],
  );
}

/** Of topics that are read no longer nothing is expected: they keep their places, and make nothing stale. */
export const quieten = (db: Pick<EntityManager, 'query'>, topics: readonly string[]): Promise<unknown> =>
  db.query('update consumer_offset set heartbeats = false where heartbeats and topic <> all($1)', [topics]);

async function selectPosition(tx: EntityManager, topic: string, partition: number): Promise<Omit<Locked, 'isNew'>[]> {
  const rows: { next_offset: string; cluster_id: string | null; last_event_id: string | null; rebuilding: string[] }[] =
    await tx.query(
      `select next_offset, cluster_id, last_event_id, rebuilding from consumer_offset
        where (topic, partition) = ($1, $2) for update`,
      [topic, partition],
    );
  return rows.map((row) => ({
    next: Number(row.next_offset),
    clusterId: row.cluster_id,
    lastEventId: row.last_event_id,
    rebuilding: row.rebuilding,
  }));
}

/** Where partitions are read on. */
export const nextOffsets = (
  db: Pick<EntityManager, 'query'>,
  topics: readonly string[],
): Promise<{ topic: string; partition: number; next: number }[]> =>
  db.query('select topic, partition, next_offset::float8 as next from consumer_offset where topic = any($1)', [topics]);

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** `asOf` never goes back: what was known once is known. Nor is it ever ahead, whatever a publisher's clock says. */
export const savePosition = (
  tx: EntityManager,
  { topic, partition }: Place,
  position: Position & { readonly asOf: Date | null },
): Promise<unknown> =>
  tx.query(
    `update consumer_offset
        set next_offset = $3, cluster_id = $4, last_event_id = $5,
            as_of = case when greatest(as_of, $6) > clock_timestamp() then clock_timestamp() else greatest(as_of, $6) end
      where (topic, partition) = ($1, $2)`,
    [topic, partition, position.next, position.clusterId, position.lastEventId, position.asOf],
  );

/** What is known of these events' aggregates, and of those who publish them. */
export async function knownOf(
  tx: EntityManager,
  events: readonly Pick<ReceivedEvent, 'source' | 'aggregate'>[],
): Promise<Known> {
  if (events.length === 0) return { applied: new Map(), timelines: new Map() };
  const rows: {
    source: string;
    aggregate: string | null;
    last_seq: number;
    last_event_id: string | null;
    timeline: number;
    incomplete: boolean;
  }[] = await tx.query(
    // One by one through the index: a join may read the whole table, which has a row for every aggregate there ever was.
    `select a.* from unnest($1::text[], $2::text[]) as e (source, aggregate)
      cross join lateral (select source, aggregate, last_seq, last_event_id, timeline, incomplete from applied_sequence
                           where source = e.source and aggregate = e.aggregate offset 0) a
     union all
     select source, null, 0, null, timeline, false from source_timeline where source = any($1)`,
    [plainArray(events.map(({ source }) => source)), plainArray(events.map(({ aggregate }) => aggregate))],
  );
  const applied = new Map<string, Applied>();
  const timelines = new Map<string, number>();
  for (const { source, aggregate, last_seq: seq, last_event_id: eventId, timeline, incomplete } of rows) {
    if (aggregate === null) timelines.set(source, timeline);
    else applied.set(sequenceName({ source, aggregate }), { seq, eventId, timeline, incomplete });
  }
  return { applied, timelines };
}

/** Never lower than it was. */
export async function saveApplied(tx: EntityManager, sequences: Iterable<Sequence>): Promise<void> {
  const rows = [...sequences];
  if (rows.length === 0) return;
  await tx.query(
    `insert into applied_sequence as a (source, aggregate, last_seq, last_event_id, timeline, incomplete)
     select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::int[], $6::boolean[])
     on conflict (source, aggregate) do update
       set last_seq = excluded.last_seq, last_event_id = excluded.last_event_id, timeline = excluded.timeline,
           incomplete = excluded.incomplete
       where (a.timeline, a.last_seq) <= (excluded.timeline, excluded.last_seq)`,
    [
      plainArray(rows.map(({ source }) => source)),
      plainArray(rows.map(({ aggregate }) => aggregate)),
      plainArray(rows.map(({ seq }) => seq)),
      plainArray(rows.map(({ eventId }) => eventId)),
      plainArray(rows.map(({ timeline }) => timeline)),
      rows.map(({ incomplete = false }) => incomplete),
    ],
  );
}
