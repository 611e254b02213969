/** Reads by keys: planned once for a connection, and right whatever happens to what they read. */
import { chassisMigrations } from '../src/database.js';
import { readWaiting } from '../src/out/outbox.table.js';
import { prepared, transactPrepared } from '../src/prepared.js';
import { testDatabase } from '../src/testing.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations], poolSize: 1 });
const NAMES = 'select id, name from thing where id = any($1) order by id';

beforeAll(async () => {
  await database.db.query(`create table thing (id int primary key, name text)`);
  await database.db.query(`insert into thing select n, 'thing ' || n from generate_series(1, 1000) n`);
});

test('one plan serves for any keys', async () => {
  for (const ids of [[7], [8], [1, 2, 3]]) {
    expect(await prepared(database.db, NAMES, [ids])).toEqual(ids.map((id) => ({ id, name: `thing ${id}` })));
  }
  const plans = 'select generic_plans::int as general, custom_plans::int as own from pg_prepared_statements';
  expect(await prepared(database.db, `${plans} where statement = $1`, [NAMES])).toEqual([{ general: 3, own: 0 }]);
});

test('what a relay asks ten times a second is planned once', async () => {
  for (let n = 0; n < 3; n += 1) expect(await readWaiting(database.db)).toEqual([]);
  const plans = 'select generic_plans::int as general, custom_plans::int as own from pg_prepared_statements';
  const found = await prepared(database.db, `${plans} where statement like $1`, ['%bytes_before%from outbox%']);
  expect(found).toEqual([{ general: 3, own: 0 }]);
});

test('in a transaction it is a statement of the transaction', async () => {
  await database.db.transaction(async (tx) => {
    await tx.query(`update thing set name = 'mine' where id = 5`);
    expect(await prepared(tx, NAMES, [[5]])).toEqual([{ id: 5, name: 'mine' }]);
    expect(await prepared(database.db, NAMES, [[5]])).toEqual([{ id: 5, name: 'thing 5' }]);
  });
});

test('a table that is changed meanwhile is read as it is then', async () => {
  const all = 'select * from thing where id = $1';
  expect(await prepared(database.db, all, [1])).toEqual([{ id: 1, name: 'thing 1' }]);
  await database.db.query(`alter table thing add column size int not null default 3`);
  expect(await prepared(database.db, all, [1])).toEqual([{ id: 1, name: 'thing 1', size: 3 }]);
  await database.db.query('alter table thing rename to was');
  await database.db.query(`create table thing (id int, name text)`);
  expect(await prepared(database.db, NAMES, [[1]])).toEqual([]);
});

describe('a transaction of few rows', () => {
  const PUT = 'insert into kept (id, name) values ($1, $2)';
  const FIND = 'select * from kept where id = any($1)';
  const plans = `select statement, generic_plans::int as general, custom_plans::int as own from pg_prepared_statements
                  where statement = any($1) order by 1`;

  beforeAll(() => database.db.query('create table kept (id int primary key, name text)'));

  const put = (id: number) =>
    transactPrepared(database.db, async (tx) => {
      const [, rows] = await Promise.all([tx.query(PUT, [id, `kept ${id}`]), tx.query(FIND, [[id]])]);
      return rows;
    });

  test('plans each of its statements once, for any keys', async () => {
    for (const id of [1, 2, 3]) expect(await put(id)).toEqual([{ id, name: `kept ${id}` }]);
    const seen = await database.db.query(plans, [[PUT, FIND]]);
    expect(seen).toEqual([
      { statement: PUT, general: 3, own: 0 },
      { statement: FIND, general: 3, own: 0 },
    ]);
  });

  test('leaves others to plan as they do', async () => {
    await database.db.query(FIND, [[1]]);
    expect(await database.db.query('show plan_cache_mode')).toEqual([{ plan_cache_mode: 'auto' }]);
    expect(await database.db.query(plans, [[FIND]])).toMatchObject([{ general: 3 }]);
  });

  test('is undone as a whole when it fails, and tells why', async () => {
    const failing = transactPrepared(database.db, async (tx) => {
      await tx.query(PUT, [4, 'gone']);
      await Promise.all([tx.query(PUT, [1, 'twice']), tx.query(FIND, [[4]])]);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await put(4)).toEqual([{ id: 4, name: 'kept 4' }]);
  });

  test('is done once when a table was changed meanwhile', async () => {
    await database.db.query('alter table kept add column size int not null default 3');
    expect(await put(5)).toEqual([{ id: 5, name: 'kept 5', size: 3 }]);
    expect(await database.db.query('select count(*)::int as n from kept where id = 5')).toEqual([{ n: 1 }]);
  });
});

test('what is wrong with a statement is told', async () => {
  await expect(prepared(database.db, 'select * from nothing where id = $1', [1])).rejects.toMatchObject({
    code: '42P01',
  });
});
