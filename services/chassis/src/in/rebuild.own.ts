/**
 * Read models that a service keeps of what it publishes itself, in its commands' transactions: built anew from its own
 * state, some aggregates at a time, while commands go on.
 *
 * Each command feeds the copy as it writes the live tables. An aggregate counts in the copy from the chunk on that has read
 * its state, or from its first event. A chunk holds its aggregates' rows of `event_sequence`, which whoever appends needs:
 * a command ends before it and is in the state, or comes after it and feeds the copy. A rebuild is opened while nobody has
 * appended and not ended: so a command whose new aggregate no chunk can see finds the rebuild.
 */
import type { DataSource, EntityManager } from 'typeorm';
import { noteWork } from '../backlog.js';
import { sqlState } from '../errors.js';
import type { OutboxEvent } from '../out/outbox.js';
import type { AggregateState, SnapshotSource } from '../out/snapshot.js';
import { type Leg, nextLeg, type Walked } from '../out/snapshot.walk.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import { sequenceName } from './inbox.js';
import { knownOf, saveApplied } from './inbox.table.js';
import type { ReadModel } from './readmodel.js';
import { feedRebuild, inShadow, orFail, schemaOf } from './rebuild.feed.js';
import { createShadow } from './rebuild.shadow.js';
import { addRebuild, type OpenedRebuild, refuseOpen } from './rebuild.table.js';

/** A read model that is built from the service's own aggregates. */
export type OwnModel = ReadModel & { readonly own: readonly SnapshotSource[] };

export const isOwn = (model: ReadModel): model is OwnModel => model.own !== undefined;

/** Opens a rebuild; {@link fillOwn} takes it up. @throws REBUILD_OPEN */
export async function openOwn(tx: EntityManager, model: OwnModel, opened: OpenedRebuild): Promise<void> {
  await holdCommands(tx);
  await refuseOpen(tx, model);
  await createShadow(tx, model);
  await addRebuild(tx, model, opened);
  noteWork(tx);
}

/**
 * Keeps every command from ending until the transaction does: each appends its events last, and that takes a number here.
 * What a command has changed before is not to be seen, for it has not committed; it applies its events to whichever
 * tables are live once it goes on. One that has read the live tables before, as that of a supervisor does,
 * and waits here, is waited for by the exchange. Within a second or two PostgreSQL ends one of them, and it is tried again:
 * the swap by `unhurried`, the command by `once`.
 */
export const holdCommands = (tx: EntityManager): Promise<unknown> =>
  tx.query('lock table event_sequence in share mode');

/** To be called by each command with what it has appended, and applied to the live tables. */
export async function feedOwn(tx: EntityManager, model: ReadModel, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const open: unknown[] = await tx.query(`select from rebuild where model = $1 and state in ('FILLING', 'READY')`, [
    model.name,
  ]);
  if (open.length === 0) return;
  const numbered = await numbersOf(tx, events);
  await feedRebuild(
    tx,
    model,
    numbered.map((event) => ({ kind: 'NEXT', event, before: undefined })),
  );
}

/** Events that were just appended, with their numbers: the last ones of their aggregates. */
async function numbersOf(tx: EntityManager, events: readonly OutboxEvent[]): Promise<ReceivedEvent[]> {
  const rows: { aggregate: string; last: number }[] = await tx.query(
    `select aggregate_type || '/' || aggregate_id as aggregate, last_seq as last from event_sequence
      where (aggregate_type, aggregate_id) in (select * from unnest($1::text[], $2::uuid[]))`,
    [events.map(({ aggregateType }) => aggregateType), events.map(({ aggregateId }) => aggregateId)],
  );
  const last = new Map(rows.map((row) => [row.aggregate, row.last]));
  return events
    .toReversed()
    .map((event) => {
      const aggregate = `${event.aggregateType}/${event.aggregateId}`;
      const sequence = last.get(aggregate)!;
      last.set(aggregate, sequence - 1);
      return received(aggregate, sequence, event);
    })
    .toReversed();
}

/** An event as a reader would get it. */
const received = (
  aggregate: string,
  sequence: number,
  event: Pick<ReceivedEvent, 'id' | 'key' | 'type' | 'payload' | 'occurredAt'> & {
    readonly agencyId?: string | null | undefined;
  },
): ReceivedEvent => ({
  ...event,
  ...{ source: 'own', aggregate, sequence, recordedAt: event.occurredAt, agencyId: event.agencyId ?? null },
  ...{ actor: null, traceparent: null, timeline: 1, snapshot: null },
});

const CHUNK = 500;
/** Shorter than the second after which PostgreSQL looks for deadlocks: it is the rebuild that gives way, never a command. */
const LOCK_TIMEOUT = '300ms';
/** lock_not_available, deadlock_detected */
const GIVES_WAY = ['55P03', '40P01'];

/**
 * A step of the rebuilds of these models that are open and not filled: for `startBacklog`. The rebuild's row is the lease,
 * and says how far it is: whoever comes next goes on behind the last chunk that was committed.
 */
export function fillOwn(models: readonly OwnModel[], most = CHUNK): (db: DataSource) => Promise<boolean> {
  let size = most;
  return async (db) => {
    try {
      const worked = await db.transaction((tx) => fillNext(tx, models, size));
      size = Math.min(most, size * 2);
      return worked;
    } catch (error) {
      if (!GIVES_WAY.includes(sqlState(error) ?? '')) throw error;
      size = Math.max(1, Math.floor(size / 4));
      return false;
    }
  };
}

interface Filling extends Walked {
  readonly id: string;
  readonly model: string;
  readonly counted: boolean;
}

async function fillNext(tx: EntityManager, models: readonly OwnModel[], size: number): Promise<boolean> {
  await tx.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
  await tx.query(`set local statement_timeout = '5min'`);
  const [filling]: Filling[] = await tx.query(
    `select id, model, aggregate_type as "aggregateType", aggregate_id as after, in_all is not null as counted
       from rebuild where state = 'FILLING' and model = any($1) order by started_at limit 1 for update skip locked`,
    [models.map(({ name }) => name)],
  );
  const model = models.find(({ name }) => name === filling?.model);
  if (!filling || !model) return false;
  if (!filling.counted) await countAll(tx, model, filling.id);
  else await orFail(tx, model, (inner) => fill(inner, model, filling, size));
  return true;
}

const typesOf = ({ own }: OwnModel): string[] => own.map(({ aggregateType }) => aggregateType);

/** How many there are to take in. */
const countAll = (tx: EntityManager, model: OwnModel, id: string): Promise<unknown> =>
  tx.query(
    'update rebuild set in_all = (select count(*) from event_sequence where aggregate_type = any($2)) where id = $1',
    [id, typesOf(model)],
  );

async function fill(inner: EntityManager, model: OwnModel, filling: Filling, size: number): Promise<void> {
  const leg = await nextLeg(model.own, inner, filling, size);
  if (leg) {
    await inShadow(inner, model, () => take(inner, model, leg));
    await inner.query('update rebuild set aggregate_type = $2, aggregate_id = $3, taken = taken + $4 where id = $1', [
      filling.id,
      leg.to.aggregateType,
      leg.to.after,
      leg.locked.length,
    ]);
    return;
  }
  await refuseOther(inner, model);
  await inner.query(`update rebuild set state = 'READY' where id = $1`, [filling.id]);
}

/** Those that commands have fed from their first event on are left alone. */
async function take(inner: EntityManager, model: OwnModel, { source, locked, states }: Leg): Promise<void> {
  const nameOf = ({ id }: { readonly id: string }) => `${source.aggregateType}/${id}`;
  const found = locked.map((each) => ({ ...WHOLE, aggregate: nameOf(each), seq: each.sequence }));
  const { applied } = await knownOf(inner, found);
  const fresh = new Map(
    found.filter((each) => !applied.has(sequenceName(each))).map((each) => [each.aggregate, each] as const),
  );
  const events = states
    .filter((state) => fresh.has(nameOf(state)))
    .flatMap((state) => eventsOf(source, state))
    .filter(({ type }) => model.types.includes(type));
  if (events.length > 0) await model.apply(inner, events);
  await saveApplied(inner, fresh.values());
}

const WHOLE = { source: 'own', eventId: null, timeline: 1 };

const eventsOf = ({ aggregateType }: SnapshotSource, { id, key, agencyId, parts }: AggregateState): ReceivedEvent[] =>
  parts.map(({ eventId, ...part }) =>
    received(`${aggregateType}/${id}`, 1, { ...part, id: eventId, key, agencyId: agencyId ?? null }),
  );

/** Commands feed the copy in their own transactions; where its numbers are not those of the aggregates, this program has a fault. */
async function refuseOther(inner: EntityManager, model: OwnModel): Promise<void> {
  const [{ n }] = await inner.query(
    `select count(*)::int as n from ${schemaOf(model)}.applied_sequence s
       full join (select aggregate_type || '/' || aggregate_id as aggregate, last_seq from event_sequence
                   where aggregate_type = any($1)) e using (aggregate)
      where s.last_seq is distinct from e.last_seq`,
    [typesOf(model)],
  );
  if (n > 0) throw new Error(`${n} aggregates are at other numbers in the rebuild, or missing.`);
}
