/** What was published of each service, complaint and calendar, in order and for good. */
import type { OutboxEvent } from '@merit/chassis/out/outbox';
import type { AggregatePart, AggregateState } from '@merit/chassis/out/snapshot';
import type { EntityManager } from 'typeorm';

/** To be called behind `append`, which holds the aggregates: so the ids here are in the order of their numbers. */
export async function keepHistory(tx: EntityManager, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const column = <K extends keyof OutboxEvent>(name: K) => events.map((event) => event[name]);
  await tx.query(
    `insert into event_history (event_id, aggregate_type, aggregate_id, key, agency_id, type, payload, occurred_at)
     select event_id, aggregate_type, aggregate_id, key, agency_id, type, payload, occurred_at
       from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::bytea[], $8::timestamptz[])
         with ordinality as e (event_id, aggregate_type, aggregate_id, key, agency_id, type, payload, occurred_at, n)
      order by n`,
    [
      column('id'),
      column('aggregateType'),
      column('aggregateId'),
      column('key'),
      events.map(({ agencyId }) => agencyId ?? null),
      column('type'),
      column('payload'),
      column('occurredAt'),
    ],
  );
}

type Row = AggregatePart & Pick<AggregateState, 'id' | 'key'> & { readonly agencyId: string | null };

/** The aggregates of a type whose ids come after one, in their order, at most so many, each with all its events. */
export async function historyOf(
  tx: EntityManager,
  aggregateType: string,
  after: string | null,
  limit: number,
): Promise<AggregateState[]> {
  const rows: Row[] = await tx.query(
    `with aggregate as (
       select aggregate_id from event_history where aggregate_type = $1 and ($2::uuid is null or aggregate_id > $2)
        group by aggregate_id order by aggregate_id limit $3
     )
     select aggregate_id as id, key, agency_id as "agencyId", event_id as "eventId", type, payload,
            occurred_at as "occurredAt"
       from aggregate join event_history h using (aggregate_id)
      where aggregate_type = $1
      order by aggregate_id, h.id`,
    [aggregateType, after, limit],
  );
  const states = new Map<string, AggregateState & { parts: AggregatePart[] }>();
  for (const { id, key, agencyId, ...part } of rows) {
    const state = states.get(id) ?? { id, key, agencyId, parts: [] };
    states.set(id, state);
    state.parts.push(part);
  }
  return [...states.values()];
}
