import { chassisMigrations } from '@merit/chassis/database';
import { testDatabase } from '@merit/chassis/testing';
import { append, nudge, onNudge } from '../src/out/outbox.js';
import { outboxEvent, things, write } from './effects.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations], poolSize: 20 });

test('fifty writers at once leave no gap, and the order of ids is the order of numbers', async () => {
  const { db } = database;
  const aggregates = things(3);
  const shuffled = () => [...aggregates, ...aggregates].sort(() => Math.random() - 0.5);
  await Promise.all(
    Array.from({ length: 50 }, () =>
      write(
        db,
        shuffled().map((id) => outboxEvent(id)),
      ),
    ),
  );
  for (const aggregate of aggregates) {
    const rows: { aggregate_seq: number }[] = await db.query(
      'select aggregate_seq from outbox where aggregate_id = $1 order by id',
      [aggregate],
    );
    expect(rows.map((row) => row.aggregate_seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  }
});

test('a command that fails leaves neither event nor gap', async () => {
  const { db } = database;
  const [thing] = things(1) as [string];
  await write(db, [outboxEvent(thing)]);
  const twice = outboxEvent(thing);
  await expect(write(db, [twice, twice])).rejects.toThrow(/unique/);
  await write(db, [outboxEvent(thing)]);
  const rows = await db.query('select aggregate_seq from outbox where aggregate_id = $1 order by id', [thing]);
  expect(rows).toEqual([{ aggregate_seq: 1 }, { aggregate_seq: 2 }]);
});

test('an event says who caused it, where and in which trace, and nothing where nobody may know', async () => {
  const { db } = database;
  const [a, b] = things(2) as [string, string];
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await db.transaction((tx) =>
    append(tx, [outboxEvent(a, { agencyId: 'agency 1' })], { actor: 'employee/7', traceparent }),
  );
  await db.transaction((tx) => append(tx, [outboxEvent(b)], { actor: null, traceparent: null }));
  const rows = await db.query('select headers from outbox where aggregate_id = any($1) order by id', [[a, b]]);
  expect(rows).toEqual([{ headers: { ce_actor: 'employee/7', ce_agency: 'agency 1', traceparent } }, { headers: {} }]);
});

test('whoever publishes is woken after the commit and not before, and only when there is something to publish', async () => {
  const { db } = database;
  let wakes = 0;
  const forget = onNudge(db, () => {
    wakes += 1;
  });
  await db.transaction(async (tx) => {
    await append(tx, [outboxEvent(things(1)[0]!)], { actor: null, traceparent: null });
    await tx.transaction((inner) => inner.query('select 1'));
    expect(wakes).toBe(0);
  });
  expect(wakes).toBe(1);
  await db.transaction((tx) => tx.query('select 1'));
  expect(wakes).toBe(1);
  nudge(db);
  expect(wakes).toBe(2);
  forget();
  nudge(db);
  expect(wakes).toBe(2);
});
