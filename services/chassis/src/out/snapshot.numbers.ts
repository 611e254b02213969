/** Aggregates of whose state nobody reads anything. */
import type { AggregateState, SnapshotSource } from './snapshot.js';

/**
 * Tells an aggregate's number and nothing else. Readers keep a number for every aggregate on a topic, also where they
 * pass its events over: after a snapshot they must know where it stands, or its next event would wait, and its key with it.
 * @param rows a statement that gives `id` and `key` of each
 */
export const numbersOnly = (aggregateType: string, rows: string): SnapshotSource => ({
  aggregateType,
  read: async (tx, after, limit) => {
    const found: Pick<AggregateState, 'id' | 'key'>[] = await tx.query(
      `select id, key::text as key from (${rows}) as aggregate
        where $1::uuid is null or id > $1 order by id limit $2`,
      [after, limit],
    );
    return found.map((aggregate) => ({ ...aggregate, parts: [] }));
  },
});
