import fc from 'fast-check';
import { connection, type PageArguments, parsePage, seek } from '../src/api/page.js';
import { testDatabase } from '../src/testing.js';

const database = testDatabase({ entities: [], migrations: [] });
const KEYS = [
  { sql: 'day', type: 'date' },
  { sql: 'rank', type: 'int' },
  { sql: 'name', type: 'text' },
] as const;

interface Row {
  readonly day: string;
  readonly rank: number;
  readonly name: string;
}

beforeAll(() => database.db.query('create table item (day date not null, rank int not null, name text not null)'));

async function list(args: PageArguments, descending: boolean) {
  const page = parsePage(args, { keys: KEYS.length });
  const { where, orderBy, limit, parameters } = seek(page, KEYS, { descending });
  const rows: Row[] = await database.db.query(
    `select * from item where ${where} order by ${orderBy} limit ${limit}`,
    parameters,
  );
  return connection(rows, page, ({ day, rank, name }) => [day, rank, name]);
}

test('walking through a list from either end meets every row once, in order, whatever the size of the pages', async () => {
  const row = fc.record({
    day: fc.integer({ min: 1, max: 3 }).map((n) => `2026-01-0${n}`),
    rank: fc.integer({ min: -2, max: 2 }),
    name: fc.string({ unit: fc.constantFrom('a', 'B', 'é', '👍', ' '), maxLength: 3 }),
  });
  const rows = fc.uniqueArray(row, { maxLength: 25, selector: ({ day, rank, name }) => `${day} ${rank} ${name}` });
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (rows, size, descending) => {
      await database.db.query('delete from item');
      await database.db.query('insert into item select * from jsonb_populate_recordset(null::item, $1)', [
        JSON.stringify(rows),
      ]);
      const order = descending ? 'day desc, rank desc, name desc' : 'day, rank, name';
      const expected: Row[] = await database.db.query(`select * from item order by ${order}`);

      const forward: Row[] = [];
      for (let args: PageArguments = { first: size }; ; ) {
        const { nodes, pageInfo } = await list(args, descending);
        forward.push(...nodes);
        expect(pageInfo.hasPreviousPage).toBe(forward.length > nodes.length);
        if (!pageInfo.hasNextPage) break;
        args = { first: size, after: pageInfo.endCursor };
      }
      const backward: Row[] = [];
      for (let args: PageArguments = { last: size }; ; ) {
        const { nodes, pageInfo } = await list(args, descending);
        backward.unshift(...nodes);
        if (!pageInfo.hasPreviousPage) break;
        args = { last: size, before: pageInfo.startCursor };
      }
      expect([forward, backward]).toEqual([expected, expected]);
    }),
    { numRuns: 40 },
  );
});

test('a date is the text of its day, in every time zone', async () => {
  await database.db.query(`delete from item; insert into item values ('2026-03-01', 1, 'x')`);
  expect(await database.db.query('select day from item')).toEqual([{ day: '2026-03-01' }]);
});
