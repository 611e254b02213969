/** Read models that a service keeps of what it publishes itself, in its commands' transactions: built from its own state. */
import type { EntityManager } from 'typeorm';
import type { AggregateState, SnapshotSource } from '../out/snapshot.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import { saveApplied } from './inbox.table.js';
import type { ReadModel } from './readmodel.js';
import { inShadow } from './rebuild.feed.js';
import { createShadow } from './rebuild.shadow.js';

const AT_ONCE = 500;

/** Fills new tables beside the live ones from where the aggregates stand, as the caller's transaction sees them. */
export async function buildFromOwn(
  tx: EntityManager,
  model: ReadModel,
  sources: readonly SnapshotSource[],
): Promise<void> {
  await createShadow(tx, model);
  for (const source of sources) {
    for (let after: string | null = null; ; ) {
      const states = await source.read(tx, after, AT_ONCE);
      const events = states
        .flatMap((state) => eventsOf(source, state))
        .filter(({ type }) => model.types.includes(type));
      if (events.length > 0) await inShadow(tx, model, (inner) => take(inner, model, events));
      if (states.length < AT_ONCE) break;
      after = states.at(-1)!.id;
    }
  }
}

async function take(inner: EntityManager, model: ReadModel, events: readonly ReceivedEvent[]): Promise<void> {
  await model.apply(inner, events);
  const taken = new Map(events.map(({ aggregate, id, source }) => [aggregate, { source, aggregate, eventId: id }]));
  // Only so that it can be told how many aggregates there are.
  await saveApplied(
    inner,
    [...taken.values()].map((each) => ({ ...each, seq: 1, timeline: 1 })),
  );
}

/** As a reader would get them. Their number plays no part: nothing is compared with it here. */
const eventsOf = ({ aggregateType }: SnapshotSource, { id, key, agencyId, parts }: AggregateState): ReceivedEvent[] =>
  parts.map(({ eventId, type, payload, occurredAt }) => ({
    id: eventId,
    source: 'own',
    type,
    aggregate: `${aggregateType}/${id}`,
    sequence: 1,
    occurredAt,
    recordedAt: occurredAt,
    actor: null,
    agencyId: agencyId ?? null,
    key,
    payload,
    traceparent: null,
    timeline: 1,
    snapshot: null,
  }));

/**
 * Keeps every command from ending until the transaction does: each appends its events last, and that takes a number here.
 * What a command has changed before is not to be seen, for it has not committed; it applies its events to whichever
 * tables are live once it goes on. One that has read the live tables before, as that of a supervisor does,
 * and waits here, is waited for by the exchange. Within a second or two PostgreSQL ends one of them, and it is tried again:
 * the swap by `unhurried`, the command by `once`.
 */
export const holdCommands = (tx: EntityManager): Promise<unknown> =>
  tx.query('lock table event_sequence in share mode');
