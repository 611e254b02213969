/**
 * What handlers were really given, in a table of the suite's own and in the very transaction of what they did: a witness
 * of each effect that owes nothing to Merit's own account of what it has applied.
 */
import type { ConsumerOptions, ReceivedEvent, Subscription } from '@merit/chassis/in/consumer';

type Db = ConsumerOptions['db'];
type Tx = Parameters<Subscription['handle']>[0];

/** Subscriptions are told apart by their topic and the first of their types. */
const nameOf = ({ topic, types }: Subscription): string => `${topic} ${types[0]}`;

/** Makes the tables, and writes down who wants what. */
export async function keepJournal(db: Db, subscriptions: readonly Subscription[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('merit.faults'))`);
    await tx.query(`create table if not exists fault_journal (
      id bigint generated always as identity primary key,
      handler text not null, event_id text not null, source text not null, aggregate text not null, sequence int not null,
      type text not null, snapshot text, place text not null default current_schema())`);
    await tx.query('create index if not exists fault_journal_aggregate on fault_journal (aggregate)');
    await tx.query(
      'create table if not exists fault_handler (handler text primary key, topic text not null, types text[] not null)',
    );
    for (const subscription of subscriptions) {
      await tx.query(
        'insert into fault_handler values ($1, $2, $3) on conflict (handler) do update set types = excluded.types',
        [nameOf(subscription), subscription.topic, subscription.types],
      );
    }
  });
}

const done = new WeakSet<Subscription>();

/** The same subscriptions, with a journal before each. */
export const journaled = (subscriptions: readonly Subscription[]): Subscription[] =>
  subscriptions.map((subscription) => {
    if (done.has(subscription)) return subscription;
    const name = nameOf(subscription);
    const witnessed: Subscription = {
      ...subscription,
      handle: async (tx, events) => {
        await note(tx, name, events);
        return subscription.handle(tx, events);
      },
    };
    done.add(witnessed);
    return witnessed;
  });

const note = (tx: Tx, handler: string, events: readonly ReceivedEvent[]): Promise<unknown> =>
  tx.query(
    `insert into public.fault_journal (handler, event_id, source, aggregate, sequence, type, snapshot)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[])`,
    [
      handler,
      events.map(({ id }) => id),
      events.map(({ source }) => source),
      events.map(({ aggregate }) => aggregate),
      events.map(({ sequence }) => sequence),
      events.map(({ type }) => type),
      events.map((event) => (event as { snapshot?: string | null }).snapshot ?? null),
    ],
  );
