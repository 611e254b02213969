/** What the same machine does in the same run with nothing of Merit in the way. */
import { startPostgres } from '@merit/infra/postgres/postgres';
import pg from 'pg';

/** A bare PostgreSQL: made, started, and asked once. */
export async function bareStart(dataDir: string, port: number) {
  const began = performance.now();
  const postgres = await startPostgres({ dataDir, port });
  const client = new pg.Client(postgres.adminUrl);
  await client.connect();
  await client.query('select 1');
  await client.end();
  return { ms: performance.now() - began, url: postgres.adminUrl, stop: postgres.stop };
}

/** So many rows of a training's width, a thousand at a time, each thousand a transaction. Milliseconds. */
export async function bareInsert(url: string, count: number): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`create table bare (id uuid primary key default gen_random_uuid(), employee_id uuid, course text,
    hours numeric, certificate text unique, starts_on date, ends_on date)`);
  const began = performance.now();
  for (let from = 0; from < count; from += 1_000) {
    await client.query(
      `insert into bare (employee_id, course, hours, certificate, starts_on, ends_on)
       select gen_random_uuid(), 'PUB-01', 2, 'B-' || n, '2026-02-02', '2026-02-02' from generate_series($1::int, $2::int) n`,
      [from, Math.min(from + 999, count - 1)],
    );
  }
  const ms = performance.now() - began;
  await client.end();
  return ms;
}
