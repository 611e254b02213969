/** Reads by keys: planned once for a connection, and right whatever happens to what they read. */
import { chassisMigrations } from '../src/database.js';
import { prepared } from '../src/prepared.js';
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

test('what is wrong with a statement is told', async () => {
  await expect(prepared(database.db, 'select * from nothing where id = $1', [1])).rejects.toMatchObject({
    code: '42P01',
  });
});
