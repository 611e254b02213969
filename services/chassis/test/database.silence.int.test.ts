/** Lines to the database that say nothing: dead ones of which nobody was told, and those on which it only takes long. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database.js';
import { isOutage } from '../src/outage.js';
import { testDatabase } from '../src/testing.js';

const database = testDatabase({ entities: [], migrations: [] });
const lines: { near: Socket; far: Socket }[] = [];
let server: Server;
let db: DataSource;

beforeAll(async () => {
  const far = new URL(database.url);
  server = createServer((near) => {
    const line = { near, far: connect(Number(far.port), far.hostname) };
    lines.push(line);
    near.pipe(line.far).pipe(near);
    for (const socket of [near, line.far]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(database.url);
  url.port = String((server.address() as AddressInfo).port);
  db = await openDatabase({ url: url.toString(), entities: [], migrations: [], poolSize: 3, name: 'test' });
});
afterAll(async () => {
  await db?.destroy();
  for (const socket of lines.flatMap(({ near, far }) => [near, far])) socket.destroy();
  server.close();
});

/** Nothing comes through on the lines that there are; nobody hears of it. */
function forget(): void {
  for (const { near, far } of lines) {
    near.unpipe(far).pause();
    far.unpipe(near).pause();
  }
}

const pid = async (): Promise<number> => (await db.query('select pg_backend_pid() as pid'))[0].pid;

/** How long a statement on a line that was forgotten takes to fail, in milliseconds. */
async function failsAfter(statement: string): Promise<number> {
  const before = performance.now();
  const error = await db.query(statement).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(isOutage(error)).toBe(true);
  return performance.now() - before;
}

test('a dead one is given up soon: who waits is told that the database failed, and the next one gets another line', async () => {
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  forget();
  expect(await failsAfter('select 2')).toBeLessThan(8_000);
  expect(await db.query('select 3 as three')).toEqual([{ three: 3 }]);
});

test('those that were idle beside it end with it', async () => {
  await Promise.all([1, 2, 3].map(() => db.query('select pg_sleep(0.1)')));
  forget();
  await failsAfter('select 2');
  const before = performance.now();
  await Promise.all([1, 2, 3].map(() => db.query('select pg_sleep(0.1)')));
  expect(performance.now() - before).toBeLessThan(2_000);
});

test('so is one whose answer was lost, and one whose far end is gone', async () => {
  const lost = failsAfter('select pg_sleep(1)');
  setTimeout(forget, 500);
  expect(await lost).toBeLessThan(8_000);

  const gone = await pid();
  forget();
  await database.db.query('select pg_terminate_backend($1)', [gone]);
  expect(await failsAfter('select 2')).toBeLessThan(8_000);
});

test('so is one that died before the clock of the database was set back', async () => {
  const [{ name }] = await database.db.query('select current_database() as name');
  await database.db.query(
    `create schema skewed;
     create function skewed.clock_timestamp() returns timestamptz language sql volatile as
       'select pg_catalog.clock_timestamp() - interval ''1 hour''';
     alter database "${name}" set search_path = skewed, pg_catalog, public`,
  );
  await pid();
  forget();
  expect(await failsAfter('select 2')).toBeLessThan(8_000);
  await database.db.query(`alter database "${name}" reset search_path; drop schema skewed cascade`);
});

test('one on which the database works is kept, however long that takes', async () => {
  const before = await pid();
  await db.query('set statement_timeout = 0');
  await db.query('select pg_sleep(14)');
  expect(await pid()).toBe(before);
});

test('an idle one may be silent for as long as it likes, and is found when it has died after that', async () => {
  const before = await pid();
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  expect(await pid()).toBe(before);
  forget();
  expect(await failsAfter('select 2')).toBeLessThan(8_000);
});

test('where the database cannot be asked, a dead one is given up after twelve seconds', async () => {
  await pid();
  forget();
  server.close();
  expect(await failsAfter('select 2')).toBeGreaterThan(12_000);
});
