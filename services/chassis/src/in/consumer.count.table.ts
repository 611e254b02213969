/** How many events of each type and day were applied, discarded, or told by a snapshot: what publishers' counts are compared with. */
import type { DataSource, EntityManager } from 'typeorm';
import { type ReceivedEvent, recordedAt, SNAPSHOT } from '../transport/envelope.js';
import type { Step } from './inbox.js';
import type { Superseded } from './inbox.letter.table.js';
import type { Place } from './inbox.table.js';

/** What became of some events of one publisher and type that were recorded on one day. */
export interface Count {
  /** Who published them: `/merit/competency`. */
  readonly source: string;
  readonly type: string;
  /** Of UTC: `2026-03-05`. */
  readonly day: string;
  readonly applied: number;
  readonly discarded: number;
  readonly covered: number;
}

const NONE = { applied: 0, discarded: 0, covered: 0 };
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

const appliedOne = (event: ReceivedEvent): Count => ({ ...of(event), applied: 1 });
export const discardedOne = (event: ReceivedEvent): Count => ({ ...of(event), discarded: 1 });
const of = ({ source, type, recordedAt: at }: ReceivedEvent) => ({ ...NONE, source, type, day: dayOf(at) });

/**
 * What some steps come to. A letter that a snapshot settled is covered under its own type, unless its event was applied
 * before and came again; what the snapshot jumped over beside those was never seen here, or not with its number, so it is
 * covered under the type of snapshots and the snapshot's day. A letter that is itself a snapshot counts for nothing: it is
 * no event.
 */
export function countSteps(steps: readonly Step[], superseded: readonly Superseded[]): Count[] {
  const letters = superseded.filter(({ headers }) => headers['ce_snapshot'] === undefined);
  return steps.flatMap((step) => {
    if (step.kind === 'NEXT') return [appliedOne(step.event)];
    return step.kind === 'REPLACES' ? coveredBy(step, letters) : [];
  });
}

function coveredBy({ event, before }: Step, letters: readonly Superseded[]): Count[] {
  const last = { timeline: before?.timeline ?? 1, sequence: before?.seq ?? 0 };
  const told = letters.filter(
    ({ source, aggregate, timeline, sequence }) =>
      source === event.source &&
      aggregate === event.aggregate &&
      sequence !== null &&
      isBehind(last, { timeline, sequence }) &&
      !isBehind(event, { timeline, sequence }),
  );
  // Nothing can be told of numbers of another timeline.
  const jumped = event.timeline === (before?.timeline ?? event.timeline) ? event.sequence - last.sequence : 0;
  const unseen = { ...of(event), type: SNAPSHOT, covered: jumped - told.length };
  return [...told.map(coveredOne), ...(unseen.covered > 0 ? [unseen] : [])];
}

type Numbered = Pick<ReceivedEvent, 'timeline' | 'sequence'>;
const isBehind = (before: Numbered, { timeline, sequence }: Numbered): boolean =>
  timeline > before.timeline || (timeline === before.timeline && sequence > before.sequence);

function coveredOne({ source, headers }: Superseded): Count {
  const at = recordedAt({ key: '', headers, value: new Uint8Array() }) ?? new Date();
  return { ...NONE, source: source ?? 'unknown', type: headers['ce_type'] ?? 'unknown', day: dayOf(at), covered: 1 };
}

/** Adds them up, in the transaction in which they became true. One statement. */
export async function saveCounts(
  tx: EntityManager,
  { topic, partition }: Place,
  counts: readonly Count[],
): Promise<void> {
  const sums = new Map<string, Count>();
  for (const count of counts) {
    const name = `${count.source} ${count.type} ${count.day}`;
    const sum = sums.get(name) ?? { ...count, ...NONE };
    sums.set(name, {
      ...sum,
      applied: sum.applied + count.applied,
      discarded: sum.discarded + count.discarded,
      covered: sum.covered + count.covered,
    });
  }
  if (sums.size === 0) return;
  const rows = [...sums.values()];
  await tx.query(
    `insert into applied_by_source as c (topic, partition, source, type, day, applied, discarded, covered)
     select $1, $2, * from unnest($3::text[], $4::text[], $5::date[], $6::bigint[], $7::bigint[], $8::bigint[])
     on conflict (topic, partition, source, type, day) do update
       set applied = c.applied + excluded.applied, discarded = c.discarded + excluded.discarded,
           covered = c.covered + excluded.covered`,
    [
      topic,
      partition,
      rows.map(({ source }) => source),
      rows.map(({ type }) => type),
      rows.map(({ day }) => day),
      rows.map(({ applied }) => applied),
      rows.map(({ discarded }) => discarded),
      rows.map(({ covered }) => covered),
    ],
  );
}

export interface AppliedCount extends Count {
  readonly topic: string;
}

/** What was counted of the events recorded on these days of UTC, both included; all days unless told. */
export const appliedCounts = (
  db: DataSource | EntityManager,
  { from, to }: { readonly from?: string; readonly to?: string } = {},
): Promise<AppliedCount[]> =>
  db.query(
    `select topic, source, type, day::text as day, sum(applied)::float8 as applied, sum(discarded)::float8 as discarded,
            sum(covered)::float8 as covered
       from applied_by_source where day between coalesce($1::date, '-infinity') and coalesce($2::date, 'infinity')
      group by 1, 2, 3, 4 order by 1, 4, 2, 3`,
    [from ?? null, to ?? null],
  );
