import { randomUUID } from 'node:crypto';
import { documentArray, documents, plainArray } from '../src/array.js';
import { testDatabase } from '../src/testing.js';

const database = testDatabase({ entities: [], migrations: [] });

test('columns come back as they were', async () => {
  const rows = [
    {
      id: randomUUID(),
      n: 1,
      day: '2026-03-02',
      at: new Date('2026-03-02T03:04:05.678Z'),
      said: '"a, {b}\\\\ \u001f\\ \n é',
    },
    { id: randomUUID(), n: -2, day: null, at: new Date(0), said: '' },
  ];
  const found = await database.db.query(
    `select id, n, day, at, document->>'said' as said
       from unnest($1::uuid[], $2::int[], $3::date[], $4::timestamptz[], ${documentArray('$5', 'jsonb')})
         as r (id, n, day, at, document)`,
    [
      plainArray(rows.map(({ id }) => id)),
      plainArray(rows.map(({ n }) => n)),
      plainArray(rows.map(({ day }) => day)),
      plainArray(rows.map(({ at }) => at.toISOString())),
      documents(rows.map(({ said }) => JSON.stringify({ said }))),
    ],
  );
  expect(found).toEqual(rows);
});

test.each(['', 'a,b', 'a}', '"a"', 'a b', 'a\\'])('%p is no value that could stand without quotes', (text) => {
  expect(() => plainArray(['a', text])).toThrow('is no id');
});
