import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import { type ServiceContext, traceOf } from '../api/context.js';
import { actorOf } from '../api/viewer.js';
import { concatenate, documentArray, documents, plainArray } from '../array.js';
import { DomainError } from '../errors.js';
import { MAX_EVENT_BYTES } from '../transport/record.js';

/** An event on its way out: what happened, to which aggregate, keyed by whom it is about. */
export interface OutboxEvent {
  /** UUIDv7. */
  readonly id: string;
  /** `enrolment`; with the id it makes the subject `enrolment/<id>`. */
  readonly aggregateType: string;
  readonly aggregateId: string;
  /** The person, unit or service it is about. Chosen at an aggregate's first event and never changed. */
  readonly key: string;
  /** `merit.competency.v1.TrainingCompleted`. */
  readonly type: string;
  readonly payload: Uint8Array;
  readonly occurredAt: Date;
  /** The agency it happened in. */
  readonly agencyId?: string | undefined;
  /** The trace that it belongs to, where it is another than that of those beside it. */
  readonly traceparent?: string | null;
}

/** Who caused the events (`employee/<id>`, `client/<id>`, `system`, or null where nobody may know) and in which trace. */
export interface Cause {
  readonly actor: string | null;
  readonly traceparent: string | null;
}

/** Who changes something, when, and with which ids: a request, an event's handler, or a job of the service. */
export interface By extends Cause {
  readonly now: () => Date;
  readonly newId: () => string;
}

/** The viewer of a request. */
export const byViewer = (context: ServiceContext): By => ({
  actor: actorOf(context.viewer),
  traceparent: traceOf(context),
  now: context.now,
  newId: context.newId,
});

/** What an event is about. */
export type About = Omit<OutboxEvent, 'type' | 'payload'>;

/** An event in the words of its contract. What is not named in `value` does not leave the service. */
export const message = <S extends DescMessage, A extends Partial<About>>(
  schema: S,
  about: A,
  value: MessageInitShape<S>,
): A & Pick<OutboxEvent, 'type' | 'payload'> => ({ ...about, type: schema.typeName, payload: encode(schema, value) });

/** A contract's message as bytes: `encode(TrainingCompletedSchema, { enrolmentId, hours })`. */
export const encode = <S extends DescMessage>(schema: S, value: MessageInitShape<S>): Uint8Array =>
  toBinary(schema, create(schema, value));

/**
 * Writes events beside the changes that caused them, in the caller's transaction, and puts them in line for the relay:
 * one statement, however many there are.
 *
 * The upsert takes the next numbers and holds their rows until commit, so the
 * numbers of one aggregate are contiguous and in commit order even if the caller
 * took no lock. Consumers rely on it: a gap means loss. Aggregates are taken in
 * order, so that two transactions that touch the same ones cannot deadlock here.
 * Ids are given after the sort by `n`, while those rows are held: for one
 * aggregate, the order of ids is the order of commits, and the relay reads by id.
 * @throws DomainError EVENT_TOO_LARGE, so that it is the command that fails and not, later, the relay
 */
export async function append(tx: EntityManager, events: readonly OutboxEvent[], by: Cause): Promise<void> {
  if (events.length === 0) return;
  for (const event of events) refuseLarge(event);
  const column = <K extends keyof OutboxEvent>(name: K) => plainArray(events.map((event) => event[name] as string));
  const { aggregates, later } = countAggregates(events);
  const { bytes, starts, lengths } = concatenate(events.map(({ payload }) => payload));
  await tx.query(
    `with next as (
       insert into event_sequence (aggregate_type, aggregate_id, last_seq)
       select * from unnest($1::text[], $2::uuid[], $3::int[]) as a order by 1, 2
       on conflict (aggregate_type, aggregate_id)
       do update set last_seq = event_sequence.last_seq + excluded.last_seq
       returning *
     ), written as (
       insert into outbox (id, event_id, aggregate_type, aggregate_id, aggregate_seq, key, type, payload, occurred_at, headers)
       select nextval('outbox_row'), * from (
         select event_id, aggregate_type, aggregate_id, last_seq - later, key, type,
                substring($4::bytea from start for length), occurred_at, headers
           from unnest($5::int[], $6::int[], $7::uuid[], $8::text[], $9::uuid[], $10::int[], $11::text[], $12::text[],
                       $13::timestamptz[], ${documentArray('$14', 'jsonb')})
             with ordinality as e (start, length, event_id, aggregate_type, aggregate_id, later, key, type, occurred_at, headers, n)
           join next using (aggregate_type, aggregate_id)
          order by n) as numbered
       returning id
     )
     insert into outbox_line (id) select id from written`,
    [
      plainArray(aggregates.map(({ type }) => type)),
      plainArray(aggregates.map(({ id }) => id)),
      plainArray(aggregates.map(({ events }) => events)),
      bytes,
      starts,
      lengths,
      column('id'),
      column('aggregateType'),
      column('aggregateId'),
      plainArray(later),
      column('key'),
      column('type'),
      plainArray(events.map(({ occurredAt }) => occurredAt.toISOString())),
      documents(events.map((event) => headersOf(event, by))),
    ],
  );
  if (tx.queryRunner) wrote.add(tx.queryRunner);
}

/** How many events each aggregate has here, and of each event, how many of its aggregate come later. */
function countAggregates(events: readonly OutboxEvent[]) {
  const aggregates = new Map<string, { type: string; id: string; events: number }>();
  const later = events.map(() => 0);
  for (let i = events.length - 1; i >= 0; i -= 1) {
    const { aggregateType: type, aggregateId: id } = events[i]!;
    const name = `${type}/${id.toLowerCase()}`;
    const aggregate = aggregates.get(name) ?? { type, id, events: 0 };
    later[i] = aggregate.events;
    aggregate.events += 1;
    aggregates.set(name, aggregate);
  }
  return { aggregates: [...aggregates.values()], later };
}

function refuseLarge({ payload, key, type }: OutboxEvent): void {
  const bytes = payload.byteLength + 2 * Buffer.byteLength(key); // the key is a header too
  if (bytes <= MAX_EVENT_BYTES) return;
  throw new DomainError(
    'EVENT_TOO_LARGE',
    `The change has ${bytes} bytes and may have ${MAX_EVENT_BYTES}, so the other services cannot be told of it: make it in parts.`,
    { bytes, max: MAX_EVENT_BYTES, type },
  );
}

/** What the envelope cannot take from the row's own columns. Absent, not null: a header has a value or is not there. */
const headersOf = (event: OutboxEvent, by: Cause): string =>
  JSON.stringify({
    ce_actor: by.actor ?? undefined,
    ce_agency: event.agencyId,
    traceparent: event.traceparent ?? by.traceparent ?? undefined,
  });

/** Transactions that appended something. */
const wrote = new WeakSet<QueryRunner>();
/** Who publishes from which database. */
const relays = new WeakMap<DataSource, Set<() => void>>();

/** Lets the relay of this database look for events now, not at its next poll. Nothing happens where none runs. */
export function nudge(db: DataSource): void {
  for (const wake of relays.get(db) ?? []) wake();
}

/**
 * Calls `wake` at each nudge, and after each commit through this DataSource of a transaction that appended events.
 * Inside the transaction it would be too early: the relay would look and see nothing.
 * @returns how to end it
 */
export function onNudge(db: DataSource, wake: () => void): () => void {
  const wakes = relays.get(db) ?? new Set();
  if (!relays.has(db)) db.subscribers.push(afterCommit(db));
  relays.set(db, wakes.add(wake));
  return () => void wakes.delete(wake);
}

const afterCommit = (db: DataSource): EntitySubscriberInterface => ({
  afterTransactionCommit({ queryRunner }) {
    // The release of a savepoint is reported as a commit too; the transaction is still open then.
    if (!queryRunner.isTransactionActive && wrote.has(queryRunner)) nudge(db);
  },
});
