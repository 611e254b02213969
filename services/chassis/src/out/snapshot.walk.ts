/** A way through all aggregates of a service, some at a time, beside the commands that change them. */
import type { EntityManager } from 'typeorm';
import type { AggregateState, SnapshotSource } from './snapshot.js';
import { type Locked, lockAggregates } from './snapshot.table.js';

/** The last aggregate that was seen; null before the first, and before the first of its type. */
export interface Walked {
  readonly aggregateType: string | null;
  readonly after: string | null;
}

/** Aggregates that no command can change until the transaction ends, and where they stand. */
export interface Leg {
  readonly source: SnapshotSource;
  /** None between one type and the next. */
  readonly locked: readonly Locked[];
  /** Also of such as came into being after the others were locked; and not of those that are gone. */
  readonly states: readonly AggregateState[];
  /** Where to go on. */
  readonly to: Walked;
}

/** The next aggregates of the type that is gone through; past its last one, the next type, and past that null. */
export async function nextLeg(
  sources: readonly SnapshotSource[],
  tx: EntityManager,
  { aggregateType, after }: Walked,
  size: number,
): Promise<Leg | null> {
  const at = Math.max(
    0,
    sources.findIndex((source) => source.aggregateType === aggregateType),
  );
  const source = sources[at];
  if (!source) return null;
  const locked = await lockAggregates(tx, source.aggregateType, after, size);
  const last = locked.at(-1)?.id;
  if (last === undefined) {
    const next = sources[at + 1];
    return next ? { source, locked, states: [], to: { aggregateType: next.aggregateType, after: null } } : null;
  }
  const states = await source.read(tx, after, size);
  // When there are more of them than were read, what is locked beyond the last is left to the next leg.
  const read = states.length < size ? last : states.at(-1)!.id;
  const [through = last] = [read, last].sort();
  return {
    source,
    locked: locked.filter(({ id }) => id <= through),
    states,
    to: { aggregateType: source.aggregateType, after: through },
  };
}
