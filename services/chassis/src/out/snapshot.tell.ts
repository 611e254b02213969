/** What a run of snapshots puts in line: the next aggregates of a type, one aggregate alone, or the end. */
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { SnapshotEndedSchema, SnapshotSchema } from '@merit/proto/events';
import type { EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { SNAPSHOT, SNAPSHOT_ENDED } from '../transport/envelope.js';
import { MAX_EVENT_BYTES } from '../transport/record.js';
import { parseSubject } from './replay.js';
import type { AggregateState, SnapshotSource } from './snapshot.js';
import { appendRun, type Locked, lockAggregates, type OpenRun, type RunRow, type saveRun } from './snapshot.table.js';
import { nextLeg } from './snapshot.walk.js';

/** How far a run is after a chunk. */
export type Progress = Parameters<typeof saveRun>[1];

/** The next chunk of the type that the run is at; past its last aggregate, the next type, and past that the end. */
export async function tellNext(
  sources: readonly SnapshotSource[],
  tx: EntityManager,
  run: OpenRun,
  size: number,
): Promise<Progress> {
  const leg = await nextLeg(sources, tx, run, size);
  if (!leg) return { ...run, told: true, ended: false };
  const done = await tell(tx, run, leg.source, leg.locked, leg.states);
  return { ...run, ...done, ...leg.to, told: false, ended: false };
}

/** The one aggregate that the run is about. Nobody waits for its end, so it has none on the topic. */
export async function tellOne(sources: readonly SnapshotSource[], tx: EntityManager, run: OpenRun): Promise<Progress> {
  const { type, id } = parseSubject(run.subject!);
  const source = sources.find((each) => each.aggregateType === type);
  const done = { ...run, told: true, ended: true };
  if (!source) return done;
  const locked = (await lockAggregates(tx, type, before(id), 1)).filter((aggregate) => aggregate.id === id);
  return { ...done, ...(await tell(tx, run, source, locked, await source.read(tx, before(id), 1))) };
}

/**
 * Puts in line those aggregates that are locked and have a state. One without a lock came into being after the chunk was
 * locked, so readers get its events from the first; one that is locked and gone has nothing to be told of.
 */
async function tell(
  tx: EntityManager,
  run: OpenRun,
  { aggregateType }: SnapshotSource,
  locked: readonly Locked[],
  states: readonly AggregateState[],
): Promise<Pick<OpenRun, 'aggregates' | 'tooLarge'>> {
  const sequences = new Map(locked.map(({ id, sequence }) => [id, sequence]));
  const rows = states.flatMap((state) => {
    const sequence = sequences.get(state.id);
    return sequence === undefined ? [] : [rowOf(aggregateType, state, sequence)];
  });
  const fitting = rows.filter(({ payload }) => payload.byteLength <= MAX_EVENT_BYTES);
  await appendRun(tx, run.id, fitting);
  return {
    aggregates: run.aggregates + fitting.length,
    tooLarge: run.tooLarge + rows.length - fitting.length,
  };
}

const rowOf = (aggregateType: string, { id, key, agencyId, parts }: AggregateState, sequence: number): RunRow => ({
  eventId: v7(),
  aggregateType,
  aggregateId: id,
  sequence,
  key,
  type: SNAPSHOT,
  payload: toBinary(
    SnapshotSchema,
    create(SnapshotSchema, {
      parts: parts.map((part) => ({ ...part, occurredAt: timestampFromDate(part.occurredAt) })),
    }),
  ),
  headers: { ce_actor: 'system', ...(agencyId ? { ce_agency: agencyId } : {}) },
});

/** What tells each partition that the run is complete. */
export const endOf = ({ id, timeline, aggregates }: OpenRun): RunRow => ({
  eventId: v7(),
  aggregateType: 'snapshot',
  aggregateId: id,
  sequence: 1,
  key: id,
  type: SNAPSHOT_ENDED,
  payload: toBinary(SnapshotEndedSchema, create(SnapshotEndedSchema, { runId: id, timeline, aggregates })),
  headers: {},
});

/** The id right before another, so that reading behind it begins with that one. */
function before(id: string): string | null {
  const number = BigInt(`0x${id.replaceAll('-', '')}`);
  if (number === 0n) return null;
  return (number - 1n)
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
