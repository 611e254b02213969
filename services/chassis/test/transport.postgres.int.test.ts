/** A log in PostgreSQL whose database is made anew under those who read and write it. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { logMigrations, migrate } from '../src/database.js';
import { remake, testDatabase } from '../src/testing.js';
import type { Chunk } from '../src/transport/transport.js';
import { openPostgresLog } from '../src/transport/transport.postgres.js';
import { eventually } from './eventually.js';

const eventLog = testDatabase({ entities: [], migrations: [logMigrations] });
const topic = `test.${randomUUID()}`;
const records = (said: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ key: 'one', headers: { said: `${said} ${n}` }, value: new Uint8Array() }));

test('a reader takes a log that was made anew for another one, and reads it from its beginning', async () => {
  const log = pino({ level: 'silent' });
  const transport = openPostgresLog({ url: eventLog.url, log });
  const chunks: Chunk[] = [];
  const read = () => chunks.flatMap((chunk) => chunk.records.map(({ headers }) => [chunk.clusterId, headers['said']]));
  try {
    await transport.publish(topic, records('before', 3));
    await transport.subscribe('reader', [topic], async (chunk) => {
      chunks.push(chunk);
      return chunk.records.at(-1)!.offset + 1;
    });
    await eventually(() => read().length === 3);
    const [{ clusterId: before }] = chunks as [Chunk];

    await remake(eventLog.url);
    await migrate(eventLog.url, [logMigrations]);
    // Longer than the one before: where that ended, this one goes on.
    const other = openPostgresLog({ url: eventLog.url, log });
    await other.publish(topic, records('after', 5));
    await other.close(5_000);

    await eventually(() => read().length >= 8);
    const [row] = (await eventLog.db.query('select cluster_id from log_identity')) as [{ cluster_id: string }];
    expect(row.cluster_id).not.toBe(before);
    expect(read().slice(3)).toEqual(records('after', 5).map(({ headers }) => [row.cluster_id, headers.said]));
    // Whoever wrote to the old one writes to the new one.
    await eventually(() =>
      transport.publish(topic, records('later', 1)).then(
        () => true,
        () => false,
      ),
    );
    await eventually(() => read().length >= 9);
    expect(read().slice(8)).toEqual([[row.cluster_id, 'later 0']]);
  } finally {
    await transport.close(5_000);
  }
});
