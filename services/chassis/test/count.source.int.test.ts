/** Counts of the version before, by no publisher: they are kept, and its processes go on counting while both run. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chassisMigrations, migrate } from '../src/database.js';
import { appliedCounts, saveCounts } from '../src/in/consumer.count.table.js';
import { testDatabase } from '../src/testing.js';

const SOURCE = '202611221535-source.sql';
const folder = mkdtempSync(path.join(tmpdir(), 'merit-source-'));
for (const file of readdirSync(chassisMigrations))
  if (file < SOURCE) cpSync(new URL(file, chassisMigrations), path.join(folder, file));
afterAll(() => rmSync(folder, { recursive: true }));

const database = testDatabase({ entities: [], migrations: [pathToFileURL(`${folder}${path.sep}`)] });
const [own, reads] = ['merit.feedback.v1', 'merit.access.v1'];
const day = '2026-03-05';

/** As the version before counts. */
const before = (topic: string, applied: number) =>
  database.db.query(
    `insert into applied_count as c (topic, partition, type, day, applied, discarded, covered)
     select $1, 0, * from unnest($2::text[], $3::date[], $4::bigint[], $5::bigint[], $5::bigint[])
     on conflict (topic, partition, type, day) do update
       set applied = c.applied + excluded.applied, discarded = c.discarded + excluded.discarded,
           covered = c.covered + excluded.covered`,
    [topic, [`${topic}.Said`], [day], [applied], [0]],
  );

test('what was counted is whoever’s the topic is, and the version before counts on', async () => {
  const { db } = database;
  await before(own, 2);
  await before(reads, 3);
  await migrate(database.url, [chassisMigrations]);
  await before(own, 10);
  await before(reads, 20);
  const count = { day, discarded: 0, covered: 0 };
  await db.transaction(async (tx) => {
    for (const [topic, applied] of [[own, 100] as const, [reads, 200] as const]) {
      const one = { ...count, source: '/merit/feedback', type: `${topic}.Said`, applied };
      await saveCounts(tx, { topic, partition: 0 }, [one]);
    }
  });
  const counts = (await appliedCounts(db)).map(({ topic, source, applied }) => [topic, source, applied]);
  expect(counts.sort()).toEqual([
    [reads, '', 23],
    [reads, '/merit/feedback', 200],
    [own, '/merit/feedback', 112],
  ]);
});
