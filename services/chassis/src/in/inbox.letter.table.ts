/** What is set aside, into its table and out of it. The number of statements does not depend on how many letters there are. */
import type { EntityManager } from 'typeorm';
import { TIMELINE } from './deadletter.table.js';
import type { Heal } from './inbox.js';
import { keyOf, type Letter, storable } from './inbox.letter.js';
import type { Place } from './inbox.table.js';

/** What became of letters that were saved. */
export interface Saved {
  /** Those that were not there yet, or not as anything that waits. */
  readonly fresh: readonly Letter[];
  /** How many of these came after a later event of their aggregate: out of order, or sent again to fill a gap. */
  readonly inversions: number;
}

/**
 * Once per event, however often it is delivered. A damaged letter that waits takes over the record that comes with its id
 * when that one can be read, and so does one that was taken for another number or another thing than it is; it can then
 * be tried again. A letter that was settled stays so, unless it was discarded because its envelope could not be read: no
 * number was taken for it, so its event, come whole, waits as any other.
 */
export async function saveLetters(
  tx: EntityManager,
  { topic, partition }: Place,
  letters: readonly Letter[],
): Promise<Saved> {
  if (letters.length === 0) return { fresh: [], inversions: 0 };
  const ids = letters.map(({ eventId }) => eventId);
  const once = letters.filter(({ eventId }, i) => eventId === null || ids.indexOf(eventId) === i);
  const rows: { n: number; inverted: boolean }[] = await tx.query(
    `with incoming as (
       select $1::text as topic, $2::int as partition, i.* from unnest($3::text[], $4::bigint[], $5::text[], $6::int[], $7::jsonb[], $8::bytea[],
         $9::text[], $10::text[], $11::int[]) with ordinality
         as i (event_id, "offset", key, sequence, headers, value, code, message, attempts, n)
     ), saved as (
       insert into dead_letter as d (topic, partition, event_id, "offset", key, sequence, headers, value, code, message, attempts)
       select topic, partition, event_id, "offset", key, sequence, headers, value, code, message, attempts
         from incoming order by n
       on conflict (event_id) do update
         set topic = excluded.topic, partition = excluded.partition, "offset" = excluded."offset", key = excluded.key,
             sequence = excluded.sequence, headers = excluded.headers, value = excluded.value, renewed = d.state = 'WAITING',
             code = case d.state when 'WAITING' then d.code else excluded.code end,
             message = case d.state when 'WAITING' then d.message else excluded.message end,
             attempts = case d.state when 'WAITING' then d.attempts else excluded.attempts end,
             state = 'WAITING', settled_at = null, settled_by = null, settled_reason = null, emptied_at = null
         where excluded.code <> 'ENVELOPE_INVALID' and (d.state = 'DISCARDED' and d.code = 'ENVELOPE_INVALID' or d.state = 'WAITING'
           and (d.headers, d.value) is distinct from (excluded.headers, excluded.value)
           and (d.code in ('PAYLOAD_INVALID', 'ENVELOPE_INVALID')
                or (d.sequence, d.headers->>'ce_source', d.headers->>'ce_subject')
                   is distinct from (excluded.sequence, excluded.headers->>'ce_source', excluded.headers->>'ce_subject')))
       returning d.partition, d."offset", d.xmax = 0 or not d.renewed as fresh
     )
     select n::int, exists (
              select from (
                select sequence, headers, key, topic from dead_letter where state = 'WAITING'
                union all
                select sequence, headers, key, topic from incoming earlier where earlier.n < i.n
              ) later
               where (later.topic, later.key) = (i.topic, i.key)
                 and later.headers->>'ce_source' = i.headers->>'ce_source'
                 and later.headers->>'ce_subject' = i.headers->>'ce_subject' and later.sequence > i.sequence
            ) as inverted
       from saved join incoming i using (partition, "offset") where fresh`,
    [
      topic,
      partition,
      once.map(({ eventId }) => eventId),
      once.map(({ record }) => record.offset),
      once.map(({ key }) => key),
      once.map(({ sequence }) => sequence),
      once.map(({ record }) => headersOf(record.headers)),
      once.map(({ record }) => record.value),
      once.map(({ code }) => code),
      once.map(({ message }) => message),
      once.map(({ attempts }) => attempts),
    ],
  );
  return {
    fresh: rows.map(({ n }) => once[n - 1]!),
    inversions: rows.filter(({ inverted }) => inverted).length,
  };
}

const headersOf = (headers: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(headers).map((pair) => pair.map(storable))));

/** Those of the keys that have a record waiting in `dead_letter`. */
export async function parkedKeys(tx: EntityManager, topic: string, keys: readonly string[]): Promise<Set<string>> {
  const rows: { key: string }[] = await tx.query(
    `select distinct key from dead_letter where state = 'WAITING' and topic = $1 and key = any($2)`,
    [topic, keys],
  );
  return new Set(rows.map((row) => row.key));
}

/** A letter whose event's effect is in a snapshot. */
export interface Superseded {
  readonly source: string;
  readonly aggregate: string;
  readonly sequence: number | null;
  readonly timeline: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Settles what waits of the aggregates of these snapshots and is told by them: events up to their number or of an earlier
 * timeline, and what stood before them in the log without a number that can be read.
 */
export async function supersede(
  tx: EntityManager,
  { topic, partition }: Place,
  heals: readonly Heal[],
): Promise<readonly Superseded[]> {
  if (heals.length === 0) return [];
  const [rows]: [Superseded[], number] = await tx.query(
    `update dead_letter d
        set state = 'SUPERSEDED', settled_at = clock_timestamp(), settled_by = 'system',
            settled_reason = 'a snapshot says how ' || h.aggregate || ' stands after event ' || h.sequence
       from unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::bigint[])
              as h (key, source, aggregate, sequence, timeline, "offset")
      where d.state = 'WAITING' and (d.topic, d.key) = ($1, h.key)
        and d.headers->>'ce_source' = h.source and d.headers->>'ce_subject' = h.aggregate
        and case when d.sequence is null then d.partition = $2 and d."offset" < h."offset"
                 else ${TIMELINE} < h.timeline or (${TIMELINE} = h.timeline and d.sequence <= h.sequence) end
      returning h.source, h.aggregate, d.sequence, (${TIMELINE})::float8 as timeline, d.headers`,
    [
      topic,
      partition,
      heals.map(({ event }) => keyOf(event)),
      heals.map(({ event }) => event.source),
      heals.map(({ event }) => event.aggregate),
      heals.map(({ event }) => event.sequence),
      heals.map(({ event }) => event.timeline),
      heals.map(({ offset }) => offset),
    ],
  );
  return rows;
}
