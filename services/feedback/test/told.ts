/** What snapshots tell, beside what was said. */
import type { DataSource } from 'typeorm';
import { sources } from '../src/snapshots.js';

interface Event {
  readonly aggregate: string;
  readonly key: string;
  readonly eventId: string;
  readonly type: string;
  readonly payload: string;
  readonly occurredAt: Date;
}

/** Each event in the outbox, by aggregate and number. */
export async function allSaid(db: DataSource): Promise<Event[]> {
  return db.query(
    `select aggregate_type || '/' || aggregate_id as aggregate, key, event_id as "eventId", type,
            encode(payload, 'hex') as payload, occurred_at as "occurredAt"
       from outbox order by aggregate_type, aggregate_id, aggregate_seq`,
  );
}

/** Each part of each snapshot, in the same order, read two aggregates at a time. */
export async function allTold(db: DataSource): Promise<Event[]> {
  const told: Event[] = [];
  for (const { aggregateType, read } of sources.toSorted((a, b) => (a.aggregateType < b.aggregateType ? -1 : 1))) {
    for (let after: string | null = null; ; ) {
      const states = await read(db.manager, after, 2);
      for (const { id, key, parts } of states) {
        for (const { payload, ...part } of parts) {
          const hex = Buffer.from(payload).toString('hex');
          told.push({ aggregate: `${aggregateType}/${id}`, key, ...part, payload: hex });
        }
      }
      after = states.at(-1)?.id ?? null;
      if (after === null) break;
    }
  }
  return told;
}
