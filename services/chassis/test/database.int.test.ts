import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chassisMigrations, migrate, openDatabase, readMigrations } from '../src/database.js';
import { testDatabase } from '../src/testing.js';

const root = mkdtempSync(path.join(tmpdir(), 'merit migrations '));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder of migrations, with a space in its path. */
function folder(name: string, files: Record<string, string>): URL {
  const place = path.join(root, name);
  mkdirSync(place, { recursive: true });
  for (const [file, sql] of Object.entries(files)) writeFileSync(path.join(place, file), sql);
  return pathToFileURL(`${place}${path.sep}`);
}

describe('migrations', () => {
  const database = testDatabase({ entities: [], migrations: [] });
  const tables = async (): Promise<string[]> =>
    (await database.db.query(`select tablename from pg_tables where schemaname = 'public' order by 1`)).map(
      ({ tablename }: { tablename: string }) => tablename,
    );
  afterEach(async () => {
    for (const table of await tables()) await database.db.query(`drop table ${table}`);
  });

  test('apply folder by folder, by name within each, once', async () => {
    const chassis = folder('order 1', {
      '202601010002-b.sql': 'alter table a add y int',
      '202601010001-a.sql': 'create table a (x int)',
    });
    const service = folder('order 2', { '202501010001-c.sql': 'insert into a values (1, 2)', 'README.md': 'not SQL' });
    await migrate(database.url, [chassis, service]);
    await migrate(database.url, [chassis, service]);
    expect(await database.db.query('select * from a')).toEqual([{ x: 1, y: 2 }]);
    expect((await readMigrations([chassis, service])).map(({ name }) => name)).toEqual([
      '202601010001-a',
      '202601010002-b',
      '202501010001-c',
    ]);
  });

  test('apply once when many processes start together, however long one takes', async () => {
    const migrations = [
      folder('together', {
        '202601010001-a.sql': 'create table a (x int); insert into a values (1); select pg_sleep(2.5)',
      }),
    ];
    const databases = await Promise.all(
      Array.from({ length: 4 }, () =>
        openDatabase({ url: database.url, entities: [], migrations, name: 'test', poolSize: 1 }),
      ),
    );
    expect(await databases[3]!.query('select * from a')).toEqual([{ x: 1 }]);
    await Promise.all(databases.map((one) => one.destroy()));
  });

  test('leave nothing of one that fails, keep those before it, and go on from there', async () => {
    const files = {
      '202601010001-a.sql': 'create table a (x int)',
      '202601010002-b.sql': 'create table b (x int); select 1/0',
    };
    await expect(migrate(database.url, [folder('fails', files)])).rejects.toThrow(
      /^Migration 202601010002-b failed: division by zero$/,
    );
    expect(await tables()).toEqual(['a', 'schema_migration']);
    await migrate(database.url, [folder('fails', { ...files, '202601010002-b.sql': 'create table b (x int)' })]);
    expect(await tables()).toEqual(['a', 'b', 'schema_migration']);
  });

  test('that were changed after they had been applied are refused', async () => {
    await migrate(database.url, [folder('changed', { '202601010001-a.sql': 'create table a (x int)' })]);
    await expect(
      migrate(database.url, [folder('changed', { '202601010001-a.sql': 'create table a (y int)' })]),
    ).rejects.toThrow(
      'Migration 202601010001-a was changed after it had been applied. Undo that, and write a new one.',
    );
  });

  test('need names that say when, and are there once', async () => {
    await expect(readMigrations([folder('named', { 'initial.sql': '' })])).rejects.toThrow(
      'initial.sql is not named YYYYMMDDHHMM-name.sql',
    );
    const [one, two] = ['twice 1', 'twice 2'].map((name) => folder(name, { '202601010001-a.sql': '' }));
    await expect(readMigrations([one!, two!])).rejects.toThrow('Two migrations are named 202601010001-a.');
  });
});

describe('a database that is open', () => {
  const database = testDatabase({ entities: [], migrations: [chassisMigrations], poolSize: 3 });

  test('gives days as texts, big numbers exactly, and moments as they are', async () => {
    const [row] = await database.db.query(
      `select date '2026-03-01' as day, 9007199254740993 as big, 0.1::numeric as exact, timestamptz '2026-03-01T00:00:00Z' as moment`,
    );
    expect(row).toEqual({
      day: '2026-03-01',
      big: '9007199254740993',
      exact: '0.1',
      moment: new Date('2026-03-01T00:00:00Z'),
    });
  });

  test('goes on when its connections were cut', async () => {
    await Promise.all(Array.from({ length: 3 }, () => database.db.query('select 1')));
    await database.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    // Whoever is handed a connection before its end was noticed gets an error; each such connection is replaced.
    const answers = async () => await Promise.allSettled([1, 2, 3].map(() => database.db.query('select 1')));
    let failed = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 10 && failed > 0; attempt += 1) {
      failed = (await answers()).filter(({ status }) => status === 'rejected').length;
    }
    expect(failed).toBe(0);
  });

  test('has the time limits of a service, so that a test that hangs in production hangs here', async () => {
    expect(
      await database.db.query(
        `select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`,
      ),
    ).toEqual([{ lock: '2s', statement: '8s' }]);
  });
});

describe('statements that are asked for together', () => {
  const database = testDatabase({ entities: [], migrations: [], poolSize: 1 });
  const insert = 'insert into seen select coalesce(max(n), 0) + $1 from seen';
  beforeEach(() => database.db.query('create table seen (n int)'));
  afterEach(() => database.db.query('drop table seen'));

  test('are done in their order', async () => {
    const found = await database.db.transaction((tx) =>
      Promise.all([tx.query(insert, [1]), tx.query(insert, [10]), tx.query('select n from seen order by n')]),
    );
    expect(found[2]).toEqual([{ n: 1 }, { n: 11 }]);
  });

  test('fail with the first that fails, and leave nothing and no broken connection', async () => {
    const work = database.db.transaction((tx) =>
      Promise.all([tx.query(insert, [1]), tx.query('select 1 / $1::int', [0]), tx.query(insert, [10])]),
    );
    await expect(work).rejects.toMatchObject({ driverError: { code: '22012' } });
    expect(await database.db.query('select n from seen')).toEqual([]);
  });
});
