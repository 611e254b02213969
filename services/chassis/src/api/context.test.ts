import { testContext } from '../testing.js';
import { forget, load, remembered, type ServiceContext } from './context.js';
import { PUBLIC } from './viewer.js';

/** Nothing here reads a database. */
const request = (): ServiceContext => testContext(null as never, PUBLIC);

test('reads of one kind are one batch, each key once, and are remembered for the request', async () => {
  const batches: unknown[] = [];
  const lengths = async (_: ServiceContext, keys: readonly string[]) => {
    batches.push(keys);
    return keys.map((key) => (key === 'bad' ? new Error('bad key') : key.length));
  };
  const context = request();
  const found = await Promise.allSettled(['a', 'bb', 'a', 'bad'].map((key) => load(context, lengths, key)));
  expect(found.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
    1,
    2,
    1,
    'bad key',
  ]);
  expect(await load(context, lengths, 'bb')).toBe(2);
  expect(batches).toEqual([['a', 'bb', 'bad']]);
  await load(request(), lengths, 'a');
  forget(context);
  await load(context, lengths, 'a');
  expect(batches).toEqual([['a', 'bb', 'bad'], ['a'], ['a']]);
});

test('keys that are objects are equal when they read the same', async () => {
  const batches: unknown[] = [];
  const batch = async (_: ServiceContext, keys: readonly { id: string; year: number }[]) => {
    batches.push(keys);
    return keys.map(({ year }) => year);
  };
  const context = request();
  await Promise.all([2025, 2026, 2025].map((year) => load(context, batch, { id: 'x', year })));
  expect(batches).toEqual([
    [
      { id: 'x', year: 2025 },
      { id: 'x', year: 2026 },
    ],
  ]);
});

test('a value is made once a request', () => {
  const context = request();
  let made = 0;
  const make = () => {
    made += 1;
    return undefined;
  };
  remembered(context, 'key', make);
  remembered(context, 'key', make);
  remembered(request(), 'key', make);
  expect(made).toBe(2);
});
