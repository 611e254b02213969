/** A line to the database that is dead, and of which nobody was told. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database.js';
import { isOutage } from '../src/outage.js';
import { testDatabase } from '../src/testing.js';

const SILENCE_MS = 4_000;
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
  db = await openDatabase({
    url: url.toString(),
    entities: [],
    migrations: [],
    poolSize: 1,
    name: 'test',
    silenceMs: SILENCE_MS,
  });
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

test('is given up: who waits is told that the database failed, and the next one gets another line', async () => {
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  forget();
  const error = await db.query('select 2').then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(isOutage(error)).toBe(true);
  expect(await db.query('select 3 as three')).toEqual([{ three: 3 }]);
});

test('an idle one may be silent for as long as it likes', async () => {
  const pid = async () => (await db.query('select pg_backend_pid() as pid'))[0].pid;
  const before = await pid();
  await new Promise((resolve) => setTimeout(resolve, 2 * SILENCE_MS));
  expect(await pid()).toBe(before);
});
