import { randomUUID } from 'node:crypto';
import { concatenate, documentArray, documents, plainArray } from '../src/array.js';
import { testDatabase } from '../src/testing.js';

const database = testDatabase({ entities: [], migrations: [] });

test('columns come back as they were', async () => {
  const rows = [
    {
      id: randomUUID(),
      n: 1,
      name: 'a "b", {c}\\ é',
      day: '2026-03-02',
      at: new Date('2026-03-02T03:04:05.678Z'),
      said: '"a, {b}\\\\ \u001f\\ \n é',
    },
    { id: randomUUID(), n: -2, name: '', day: null, at: new Date(0), said: '' },
    { id: randomUUID(), n: 3, name: 'Null', day: '2026-03-03', at: new Date(1), said: 'x' },
    { id: randomUUID(), n: 4, name: null, day: '2026-03-04', at: new Date(2), said: 'y' },
  ];
  const found = await database.db.query(
    `select id, n, name, day, at, document->>'said' as said
       from unnest($1::uuid[], $2::int[], $3::text[], $4::date[], $5::timestamptz[], ${documentArray('$6', 'jsonb')})
         as r (id, n, name, day, at, document)`,
    [
      plainArray(rows.map(({ id }) => id)),
      plainArray(rows.map(({ n }) => n)),
      plainArray(rows.map(({ name }) => name)),
      plainArray(rows.map(({ day }) => day)),
      plainArray(rows.map(({ at }) => at.toISOString())),
      documents(rows.map(({ said }) => JSON.stringify({ said }))),
    ],
  );
  expect(found).toEqual(rows);
});

test.each(['', 'a,b', '{a}', '"a"', ' a\t', 'a\\', 'NULL', 'null'])(
  'the text %p comes back as it was',
  async (text) => {
    const [row] = await database.db.query('select $1::text[] as texts', [plainArray(['a', text, null])]);
    expect(row).toEqual({ texts: ['a', text, null] });
  },
);

test('byte strings come back as they were, also empty ones', async () => {
  const values = [[1, 0, 255], [], [92, 34], []].map((bytes) => Buffer.from(bytes));
  const { bytes, starts, lengths } = concatenate(values);
  const found: { value: Buffer }[] = await database.db.query(
    `select substring($1::bytea from start for length) as value
       from unnest($2::int[], $3::int[]) with ordinality as r (start, length, n) order by n`,
    [bytes, starts, lengths],
  );
  expect(found.map(({ value }) => value)).toEqual(values);
});
