/** An outbox with rows of the version before: what waits stays in line, and its processes lose nothing while both run. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chassisMigrations, migrate } from '../src/database.js';
import { readWaiting } from '../src/out/outbox.table.js';
import { replay } from '../src/out/replay.js';
import { testDatabase } from '../src/testing.js';
import { outboxEvent, things, write } from './effects.js';

const LINE = '202611221535-line.sql';
const folder = mkdtempSync(path.join(tmpdir(), 'merit-line-'));
for (const file of readdirSync(chassisMigrations))
  if (file < LINE) cpSync(new URL(file, chassisMigrations), path.join(folder, file));
afterAll(() => rmSync(folder, { recursive: true }));

const database = testDatabase({ entities: [], migrations: [pathToFileURL(`${folder}${path.sep}`)] });

/** As the version before writes a row, in short. */
const before = (thing: string, sequence: number) =>
  database.db.query(
    `with next as (insert into event_sequence values ('thing', $1, $2)
                   on conflict (aggregate_type, aggregate_id) do update set last_seq = excluded.last_seq)
     insert into outbox (event_id, aggregate_type, aggregate_id, aggregate_seq, key, type, payload, occurred_at)
     values (gen_random_uuid(), 'thing', $1, $2, $1::text, 'merit.test.v1.Counted', '\\x01', now())`,
    [thing, sequence],
  );

test('what waited, was parked or was to come again does so still, ids go on, and the version before writes on', async () => {
  const { db } = database;
  const [one, parked] = things(2) as [string, string];
  for (const sequence of [1, 2, 3]) await before(one, sequence);
  await before(parked, 1);
  await db.query('update outbox set published_at = now() where aggregate_seq = 1 and key = $1', [one]);
  await db.query('update outbox set replays = 1 where aggregate_seq = 2');
  await db.query(`update outbox set parked = true, attempts = 1, last_error = 'too large' where key = $1`, [parked]);

  await migrate(database.url, [chassisMigrations]);
  expect(
    await db.query('select aggregate_seq as n, again from outbox_line join outbox using (id) order by id'),
  ).toEqual([
    { n: 2, again: true },
    { n: 3, again: false },
  ]);
  expect(await db.query('select key, again, attempts, last_error from outbox_parked')).toEqual([
    { key: parked, again: false, attempts: 1, last_error: 'too large' },
  ]);

  await before(one, 4);
  await write(db, [outboxEvent(one), outboxEvent(parked)]);
  const rows = await readWaiting(db);
  expect(rows.map(({ key, aggregate_seq, behind }) => [key, aggregate_seq, behind])).toEqual([
    ...[2, 3, 4, 5].map((sequence) => [one, sequence, false]),
    [parked, 2, true],
  ]);
  expect(await replay(db, { subject: `thing/${one}` })).toBe(1); // the one that had been published
});
