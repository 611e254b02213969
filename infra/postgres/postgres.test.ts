import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { commandOf, freePort } from '../process.js';
import { type EmbeddedPostgres, ensureDatabase, passwordOf, startPostgres } from './postgres.js';

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('an embedded PostgreSQL', () => {
  let folder: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    // Closed to everyone else and with a space, as /root/my work might be.
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'merit postgres ')), 'data');
    server = await startPostgres({ dataDir: folder, port: await freePort() });
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  test('is version 18, writes commits to the disk, sorts by C.UTF-8 and asks for passwords', async () => {
    const settings = await ask<{ name: string; setting: string }>(
      server.adminUrl,
      `select name, setting from pg_settings where name in
        ('fsync', 'full_page_writes', 'synchronous_commit', 'server_encoding', 'listen_addresses', 'max_connections')
       union all select 'major', (current_setting('server_version_num')::int / 10000)::text
       union all select 'locale', datlocale from pg_database where datname = 'postgres'`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      server_encoding: 'UTF8',
      listen_addresses: '127.0.0.1',
      max_connections: '200',
      major: '18',
      locale: 'C.UTF-8',
    });
    const wrong = new URL(server.adminUrl);
    wrong.password = 'guess';
    await expect(ask(wrong.toString(), 'select 1')).rejects.toThrow(/password authentication failed/);
    expect(statSync(server.passwordFile).mode & 0o777).toBe(0o600);
  });

  test('gives each service a database and a role whose stopped transactions let go', async () => {
    const login = { name: 'merit_trial', password: passwordOf(server.passwordFile, 'merit_trial') };
    const url = await ensureDatabase(server.adminUrl, login);
    expect(await ensureDatabase(server.adminUrl, login)).toBe(url);
    const [settings] = await ask(
      url,
      `select current_user as role, current_database() as database,
              current_setting('idle_in_transaction_session_timeout') as idle,
              current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`,
    );
    expect(settings).toEqual({ role: 'merit_trial', database: 'merit_trial', idle: '5s', statement: '8s', lock: '2s' });
  });

  test("keeps a service out of another's database", async () => {
    const make = (name: string) => ensureDatabase(server.adminUrl, { name, password: 'known' });
    const [mine, other] = [await make('merit_one'), await make('merit_other')];
    const trespass = new URL(mine);
    trespass.pathname = new URL(other).pathname;
    await expect(ask(trespass.toString(), 'select 1')).rejects.toThrow(/permission denied/);
  });

  test('is adopted, not started twice, by a second start on the same folder', async () => {
    const steps: string[] = [];
    const again = await startPostgres({
      dataDir: folder,
      port: await freePort(),
      onProgress: (step) => steps.push(step),
    });
    expect(again).toMatchObject({ pid: server.pid, port: server.port, adminUrl: server.adminUrl });
    expect(steps).toEqual([`using the PostgreSQL that runs already (process ${server.pid})`]);
  });

  test('comes back after kill -9 with everything that was committed', async () => {
    await ask(server.adminUrl, 'create table kept as select 42 as answer');
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    server = await startPostgres({ dataDir: folder, port: server.port });
    expect(await ask(server.adminUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('starts although its old process number belongs to another program now', async () => {
    await server.stop();
    expect(commandOf(server.pid)).toBeUndefined();
    writeFileSync(path.join(folder, 'cluster', 'postmaster.pid'), `${process.ppid}\n${folder}\n1\n1\n\n\n\n`);
    server = await startPostgres({ dataDir: folder, port: server.port });
    expect(await ask(server.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('says in one line that its data are of another version', async () => {
    await server.stop();
    const file = path.join(folder, 'cluster', 'PG_VERSION');
    const version = readFileSync(file, 'utf8');
    writeFileSync(file, '16\n');
    await expect(startPostgres({ dataDir: folder, port: server.port })).rejects.toThrow(
      /^The data in .* is of PostgreSQL 16 and this is PostgreSQL 18: .*--fresh\.$/,
    );
    writeFileSync(file, version);
  });

  test('says in one line that its port is in use', async () => {
    await server.stop();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(server.port, '127.0.0.1', resolve));
    await expect(startPostgres({ dataDir: folder, port: server.port })).rejects.toThrow(
      /^Port \d+ is in use by another program, so PostgreSQL cannot start there: .*MERIT_PORT\.$/,
    );
    await new Promise((resolve) => other.close(resolve));
  });

  test('says in one line that its password file is not the one of its data', async () => {
    await server.stop();
    const passwords = readFileSync(server.passwordFile, 'utf8');
    rmSync(server.passwordFile);
    await expect(startPostgres({ dataDir: folder, port: server.port })).rejects.toThrow(/^PostgreSQL refuses .*\.$/);
    writeFileSync(server.passwordFile, passwords, { mode: 0o600 });
    server = await startPostgres({ dataDir: folder, port: server.port });
  });
});

test('says in one line that its folder cannot be made', async () => {
  const dataDir = path.join(process.execPath, 'data'); // below a file, where not even root can make one
  await expect(startPostgres({ dataDir, port: await freePort() })).rejects.toThrow(
    /^The folder .* cannot be written by you: .*MERIT_DATA to another\.$/,
  );
});
