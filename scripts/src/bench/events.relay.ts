/** How fast the relay of one process publishes what waits in an outbox. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SentEvent } from '@merit/chassis/transport/envelope';
import pg from 'pg';
import { invent, ledgers } from './events.backlog.js';
import { startProcess } from './events.process.js';
import { type Rate, rateOf } from './events.rate.js';
import type { Stores } from './events.stores.js';

/** Fills competency's outbox, starts competency, and looks at how many rows wait. */
export async function measureRelay(stores: Stores, port: number, rows: number): Promise<Rate> {
  const env = await stores.env('relay');
  const process = { service: 'competency', env, port } as const;
  await (await startProcess(process)).stop(); // for its tables
  const db = new pg.Client({ connectionString: env['DATABASE_URL'] });
  await db.connect();
  try {
    for (const events of ledgers(invent(rows))) await fill(db, events);
    await db.query('analyze outbox, outbox_line');
    const running = await startProcess(process);
    const rate = await watch(db);
    await running.stop();
    return rate;
  } finally {
    await db.end();
  }
}

/** As `append` in the chassis writes them, beside the numbers of their aggregates. */
const fill = (db: pg.Client, events: readonly SentEvent[]) =>
  db.query(
    `with incoming as (
       select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[])
         with ordinality as e (event_id, aggregate_id, key, type, payload, n)
     ), numbered as (
       insert into event_sequence (aggregate_type, aggregate_id, last_seq) select 'learning', aggregate_id, 1 from incoming
     ), written as (
       insert into outbox (id, event_id, aggregate_type, aggregate_id, aggregate_seq, key, type, payload, occurred_at, headers)
       select nextval('outbox_row'), event_id, 'learning', aggregate_id, 1, key, type, payload, clock_timestamp(), '{"ce_actor":"system"}'
         from (select * from incoming order by n) as incoming
       returning id
     )
     insert into outbox_line (id) select id from written`,
    [
      events.map(({ id }) => id),
      events.map(({ aggregate }) => aggregate.replace('learning/', '')),
      events.map(({ key }) => key),
      events.map(({ type }) => type),
      events.map(({ payload }) => payload),
    ],
  );

/** From the first portion marked to the last. */
async function watch(db: pg.Client): Promise<Rate> {
  const waiting = async (): Promise<number> => {
    const { rows } = await db.query('select count(*)::int as n from outbox_line');
    return rows[0].n;
  };
  const all = await waiting();
  let began: { readonly at: number; readonly left: number } | null = null;
  for (;;) {
    const left = await waiting();
    const at = performance.now();
    if (left < all) began ??= { at, left };
    if (began && left === 0) return rateOf(began.left, at - began.at);
    await pause(25);
  }
}
