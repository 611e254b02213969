/** A publisher whose aggregates have a balance, so that a reader can be compared with it. */

import { fromBinary } from '@bufbuild/protobuf';
import { SnapshotSchema } from '@merit/proto/events';
import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { append } from '../src/out/outbox.js';
import type { SnapshotSource } from '../src/out/snapshot.js';
import { SNAPSHOT } from '../src/transport/envelope.js';
import type { LogRecord } from '../src/transport/transport.js';
import { outboxEvent } from './effects.js';

export const createBalances = (db: DataSource): Promise<unknown> =>
  db.query('create table if not exists balance (id uuid primary key, amount int not null)');

const bytes = (amount: number) => Buffer.from(String(amount));
const amountOf = (payload: Uint8Array) => Number(Buffer.from(payload).toString());

/** A command: changes balances, and says so. */
export const add = (db: DataSource, ids: readonly string[], amount: number): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.query(
      `insert into balance as b (id, amount) select unnest($1::uuid[]), $2
       on conflict (id) do update set amount = b.amount + $2`,
      [[...ids].sort(), amount],
    );
    const events = ids.map((id) => outboxEvent(id, { payload: bytes(amount) }));
    await append(tx, events, { actor: 'system', traceparent: null });
  });

/** Tells a balance as one event that adds all of it. */
export const balances: SnapshotSource = {
  aggregateType: 'thing',
  read: async (tx, after, limit) => {
    const rows: { id: string; amount: number }[] = await tx.query(
      'select id, amount from balance where $1::uuid is null or id > $1 order by id limit $2',
      [after, limit],
    );
    return rows.map(({ id, amount }) => ({
      id,
      key: id,
      agencyId: 'agency 1',
      parts: [{ eventId: v7(), type: 'merit.test.v1.Counted', payload: bytes(amount), occurredAt: new Date(0) }],
    }));
  },
};

export async function balancesOf(db: DataSource): Promise<Map<string, number>> {
  const rows: { id: string; amount: number }[] = await db.query('select id, amount from balance order by id');
  return new Map(rows.map(({ id, amount }) => [id, amount]));
}

/** What a reader makes of the log who begins with a run's snapshots: aggregate → balance. @throws where an event is missing */
export function read(records: readonly LogRecord[], run: string): Map<string, number> {
  const known = new Map<string, { sequence: number; amount: number }>();
  for (const { headers, value } of records) {
    const id = headers['ce_subject']?.slice('thing/'.length);
    if (id === undefined) continue;
    const sequence = Number(headers['ce_sequence']);
    const it = known.get(id);
    if (headers['ce_snapshot'] === run) {
      const { parts } = fromBinary(SnapshotSchema, value);
      known.set(id, { sequence, amount: parts.reduce((sum, part) => sum + amountOf(part.payload), 0) });
    } else if (headers['ce_type'] !== SNAPSHOT && (it || sequence === 1)) {
      if (sequence <= (it?.sequence ?? 0)) continue;
      if (sequence !== (it?.sequence ?? 0) + 1) throw new Error(`${id}: ${sequence} after ${it?.sequence}`);
      known.set(id, { sequence, amount: (it?.amount ?? 0) + amountOf(value) });
    }
  }
  return new Map([...known].map(([id, { amount }]) => [id, amount] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}
