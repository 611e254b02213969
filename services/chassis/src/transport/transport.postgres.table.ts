/** The statements on the log in PostgreSQL. */
import type { DataSource } from 'typeorm';
import { concatenate, documentArray, documents, plainArray } from '../array.js';
import { PARTITIONS, partitionOf } from './record.js';
import type { EventRecord, LogRecord, PartitionLag, Watermarks } from './transport.js';

/** One partition as its reader sees it. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  next: number;
  failures: number;
  /** Rests until then, by the process's clock. */
  restsUntil: number;
}

/** The name of a partition among those of all topics. */
export const nameOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`;

/** The lease under which a member reads. */
export interface Owner {
  readonly name: string;
  readonly holder: string;
  readonly epoch: number;
}

const CHUNK_RECORDS = 500;
const CHUNK_BYTES = 4_000_000;

/** The number of partitions of a topic that exists stays as it is. */
export async function makeTopics(db: DataSource, topics: readonly string[]): Promise<[string, number][]> {
  await db.query(
    'insert into log_topic (topic, partitions) select unnest($1::text[]), $2 on conflict (topic) do nothing',
    [topics, PARTITIONS],
  );
  await db.query(
    `insert into log_partition (topic, partition)
     select topic, generate_series(0, partitions - 1) from log_topic where topic = any($1) order by 1, 2
     on conflict do nothing`,
    [topics],
  );
  const rows: { topic: string; partitions: number }[] = await db.query(
    'select topic, partitions from log_topic where topic = any($1)',
    [topics],
  );
  return rows.map((row) => [row.topic, row.partitions]);
}

/**
 * Appends records in one statement. The update takes the next offsets and holds the partitions' rows until commit, so
 * offsets are gap-free and in commit order, also when a leader that lost its lease publishes beside the new one; the
 * rows are taken in order, so that the two cannot deadlock. Readers are woken by the commit.
 */
export async function append(
  db: DataSource,
  topic: string,
  records: readonly EventRecord[],
  partitions: number,
): Promise<void> {
  const { bytes, starts, lengths } = concatenate(records.map(({ value }) => value));
  await db.query(
    `with incoming as (
       select * from unnest($2::int[], $3::text[], ${documentArray('$4', 'jsonb')}, $6::int[], $7::int[])
         with ordinality as r (partition, key, headers, start, length, n)
     ), next as (
       insert into log_partition (topic, partition, next_offset)
       select $1, partition, count(*) from incoming group by partition order by partition
       on conflict (topic, partition) do update set next_offset = log_partition.next_offset + excluded.next_offset
       returning partition, next_offset
     ), appended as (
       insert into log (topic, partition, "offset", key, headers, value)
       select $1, partition, next_offset - row_number() over (partition by partition order by n desc), key, headers,
              substring($5::bytea from start for length)
         from incoming join next using (partition)
        order by n
     )
     select pg_notify('merit_log', $1)`,
    [
      topic,
      plainArray(records.map((record) => record.partition ?? partitionOf(record.key, partitions))),
      plainArray(records.map((record) => record.key)),
      documents(records.map((record) => JSON.stringify(record.headers))),
      bytes,
      starts,
      lengths,
    ],
  );
}

/** Removes what was appended longer ago than so many days, some at a time. */
export async function tidy(db: DataSource, days: number): Promise<void> {
  for (let removed = 1; removed > 0; ) {
    [, removed] = (await db.query(
      `delete from log where ctid = any(array(
         select ctid from log where appended_at < clock_timestamp() - make_interval(days => $1) limit 5000))`,
      [days],
    )) as [unknown, number];
  }
}

/** The group begins at the start of what it has not read yet. */
export const joinGroup = (db: DataSource, group: string, topics: readonly string[]): Promise<unknown> =>
  db.query(
    `insert into log_group_offset (group_name, topic, partition)
     select $1, topic, partition from log_partition where topic = any($2) order by 2, 3 on conflict do nothing`,
    [group, topics],
  );

/** How far the group has read. */
export async function placesOf(db: DataSource, group: string, topics: readonly string[]): Promise<Place[]> {
  const rows: { topic: string; partition: number; next_offset: string }[] = await db.query(
    'select topic, partition, next_offset from log_group_offset where group_name = $1 and topic = any($2) order by 1, 2',
    [group, topics],
  );
  return rows.map(({ topic, partition, next_offset }) => ({
    topic,
    partition,
    next: Number(next_offset),
    failures: 0,
    restsUntil: 0,
  }));
}

/** The log's name, and where the next record of each partition will stand; none while the topics are not there. */
export async function endsOf(
  db: DataSource,
  topics: readonly string[],
): Promise<{ clusterId: string; ends: Map<string, number> }> {
  const rows: { cluster_id: string; topic: string | null; partition: number; next_offset: string }[] = await db.query(
    `select cluster_id, topic, partition, next_offset from log_identity left join log_partition on topic = any($1)`,
    [topics],
  );
  const there = rows.filter((row): row is typeof row & { topic: string } => row.topic !== null);
  return { clusterId: rows[0]!.cluster_id, ends: new Map(there.map((row) => [nameOf(row), Number(row.next_offset)])) };
}

/**
 * The next records, bounded in number and bytes; at least one if any is there. In one statement with the name of the log
 * that they are of: under the last one's name, the records of a log that was made anew would pass for what comes next.
 */
export async function readLog(
  db: DataSource,
  { topic, partition, next }: Place,
): Promise<{ clusterId: string; records: LogRecord[] } | null> {
  const rows: (Omit<LogRecord, 'offset'> & { offset: string; cluster_id: string })[] = await db.query(
    `select "offset", key, headers, value, (select cluster_id from log_identity)
       from (select *, sum(octet_length(value)) over (order by "offset") - octet_length(value) as bytes_before
               from (select * from log where (topic, partition) = ($1, $2) and "offset" >= $3
                      order by "offset" limit $4) as next) as l
      where bytes_before < $5
      order by "offset"`,
    [topic, partition, next, CHUNK_RECORDS, CHUNK_BYTES],
  );
  if (rows.length === 0) return null;
  const records = rows.map(({ offset, key, headers, value }) => ({ offset: Number(offset), key, headers, value }));
  return { clusterId: rows[0]!.cluster_id, records };
}

/** Where a partition begins, and where its next record will stand. */
export async function watermarksOf(db: DataSource, { topic, partition }: Place): Promise<Watermarks> {
  const [row] = await db.query(
    `select next_offset as high,
            (select min("offset") from log where (topic, partition) = ($1, $2)) as low
       from log_partition where (topic, partition) = ($1, $2)`,
    [topic, partition],
  );
  return { low: Number(row.low ?? row.high), high: Number(row.high) };
}

/** Notes how far the group has read; under the lease, so that a reader that was stopped and wakes does not move it back. */
export const notePlace = (
  db: DataSource,
  group: string,
  owner: Owner,
  { topic, partition, next }: Place,
): Promise<unknown> =>
  db.query(
    `with owner as (select from lease where (name, holder, epoch) = ($1, $2::uuid, $3::bigint) for share)
     update log_group_offset set next_offset = $7
      where (group_name, topic, partition) = ($4, $5, $6) and exists (select from owner)`,
    [owner.name, owner.holder, owner.epoch, group, topic, partition, next],
  );

/** How far a group is behind; a partition that it has not begun counts from the log's start. */
export async function lagOf(db: DataSource, group: string, topics: readonly string[]): Promise<PartitionLag[]> {
  const rows: { topic: string; partition: number; lag: string; end: string }[] = await db.query(
    `select p.topic, p.partition, p.next_offset - greatest(coalesce(g.next_offset, 0), low."offset") as lag,
            p.next_offset as "end"
       from log_partition p
       left join log_group_offset g on (g.group_name, g.topic, g.partition) = ($1, p.topic, p.partition)
       cross join lateral (
         select coalesce(min(l."offset"), p.next_offset) as "offset" from log l
          where (l.topic, l.partition) = (p.topic, p.partition)) as low
      where p.topic = any($2) order by 1, 2`,
    [group, topics],
  );
  return rows.map((row) => ({ ...row, lag: Math.max(0, Number(row.lag)), end: Number(row.end) }));
}
