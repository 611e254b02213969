import { jest } from '@jest/globals';
import fc from 'fast-check';
import { createCache, type Kept } from './cache.js';

type Answer = Kept & { readonly text: string };
const answer = (text: string, tags: readonly string[] = [], size = 1): Answer => ({ text, tags, size, lasting: true });

function world(over: Partial<Parameters<typeof createCache>[0]> = {}) {
  let time = 0;
  const cache = createCache<Answer>({ mostBytes: 100, ttlMs: 1_000, now: () => time, ...over });
  return { cache, later: (ms: number) => (time += ms) };
}
/** A making that ends when it is told to. */
function slow(text: string, tags: readonly string[]) {
  let end: () => void = () => undefined;
  const made = new Promise<Answer>((resolve) => {
    end = () => resolve(answer(text, tags));
  });
  return { make: jest.fn(() => made), end };
}

test('an answer is made once and kept, until something happens to what it is about', async () => {
  const { cache } = world();
  const make = jest.fn(async () => answer('one', ['Unit:1', 'Unit']));
  await cache.read('a', make);
  await cache.read('a', make);
  expect(make).toHaveBeenCalledTimes(1);
  cache.drop(['Unit:2']);
  expect(cache.get('a')?.text).toBe('one');
  cache.drop(['Unit:1']);
  expect(cache.get('a')).toBeUndefined();
  expect(cache.bytes()).toBe(0);
});

test('a late answer is given to who asked, and not kept when something happened meanwhile', async () => {
  const { cache } = world();
  const { make, end } = slow('old', ['Unit:1']);
  const asked = cache.read('a', make);
  cache.drop(['Unit:1']);
  end();
  expect((await asked).text).toBe('old');
  expect(cache.get('a')).toBeUndefined();
  const other = slow('other', ['Unit:2']);
  const alsoAsked = cache.read('b', other.make);
  cache.drop(['Unit:1']);
  other.end();
  await alsoAsked;
  expect(cache.get('b')?.text).toBe('other');
});

test('who asks while it is made waits with the first, but not when something happened in between', async () => {
  const { cache } = world();
  const first = slow('old', ['Unit:1']);
  const one = cache.read('a', first.make);
  const two = cache.read('a', first.make);
  expect(first.make).toHaveBeenCalledTimes(1);
  cache.drop(['Unit:1']);
  const second = slow('new', ['Unit:1']);
  const three = cache.read('a', second.make);
  expect(second.make).toHaveBeenCalledTimes(1);
  second.end();
  first.end();
  expect((await Promise.all([one, two, three])).map(({ text }) => text)).toEqual(['old', 'old', 'new']);
  expect(cache.get('a')?.text).toBe('new');
});

test('an answer that may not last is given and not kept', async () => {
  const { cache } = world();
  expect((await cache.read('a', async () => ({ ...answer('half'), lasting: false }))).text).toBe('half');
  expect(cache.get('a')).toBeUndefined();
});

test.each<[string, () => Promise<Answer>]>([
  ['may not last', async () => ({ ...answer('for the first alone'), lasting: false })],
  ['failed', () => Promise.reject(new Error('for the first alone'))],
])('who waited for an answer that %s makes it anew, and that is kept', async (_, make) => {
  const { cache } = world();
  const one = cache.read('a', make).catch(({ message }: Error) => ({ text: message }));
  const others = ['second', 'third'].map((text) => cache.read('a', async () => answer(text)));
  expect((await one).text).toBe('for the first alone');
  expect((await Promise.all(others)).map(({ text }) => text)).toEqual(['second', 'third']);
  expect(cache.get('a')).toBeDefined();
});

test('a failure is not kept, and the next tries again', async () => {
  const { cache } = world();
  await expect(cache.read('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect((await cache.read('a', async () => answer('up'))).text).toBe('up');
});

test('what is not dropped runs out, and what is asked for least goes first when it is full', async () => {
  const { cache, later } = world({ mostBytes: 3 });
  for (const key of ['a', 'b', 'c']) await cache.read(key, async () => answer(key));
  cache.get('a');
  await cache.read('d', async () => answer('d'));
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key)?.text)).toEqual(['a', undefined, 'c', 'd']);
  later(1_000);
  expect(cache.get('a')).toBeUndefined();
  await cache.read('huge', async () => answer('huge', [], 50));
  expect(cache.get('huge')).toBeUndefined();
});

test('what happened is remembered for as long as anything from before is being made', async () => {
  const { cache } = world();
  const old = slow('old', ['Unit:1']);
  const asked = cache.read('a', old.make);
  cache.drop(['Unit:1']);
  const [quick, lasting] = [slow('quick', []), slow('lasting', [])];
  const others = [cache.read('b', quick.make), cache.read('c', lasting.make)];
  quick.end();
  await others[0];
  old.end();
  await asked;
  expect(cache.get('a')).toBeUndefined();
  lasting.end();
  await others[1];
});

test('after a clearing nothing from before is kept', async () => {
  const { cache } = world();
  const { make, end } = slow('old', []);
  const asked = cache.read('a', make);
  cache.clear();
  end();
  await asked;
  expect(cache.get('a')).toBeUndefined();
});

/**
 * Things have versions that grow with each write; a reader's making reads them at some moment and ends at a later one;
 * the event of a write reaches the cache at some moment after it. Whatever the order: an answer is at least as new as
 * what the cache had been told when it was asked for.
 */
test('no reader ever sees an answer from before what the cache had been told', async () => {
  const things = ['x', 'y'];
  const often = <T>(arbitrary: fc.Arbitrary<T>) => ({ arbitrary, weight: 4 });
  const step = fc.oneof(
    often(fc.record({ do: fc.constant('write' as const), thing: fc.constantFrom(...things) })),
    often(fc.record({ do: fc.constant('tell' as const) })),
    often(fc.record({ do: fc.constant('read' as const), of: fc.constantFrom(['x'], ['y'], ['x', 'y']) })),
    often(fc.record({ do: fc.constant('look' as const), which: fc.nat(3) })),
    often(fc.record({ do: fc.constant('end' as const), which: fc.nat(3) })),
    { arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }), weight: 1 },
    { arbitrary: fc.record({ do: fc.constant('clear' as const) }), weight: 1 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const { cache, later } = world({ mostBytes: 4 });
      const versions = new Map(things.map((thing) => [thing, 0]));
      const told = new Map(things.map((thing) => [thing, 0]));
      const onTheirWay: { thing: string; version: number }[] = [];
      const makings: { of: readonly string[]; seen: Map<string, number> | null; end: () => void }[] = [];
      const checks: Promise<void>[] = [];
      for (const each of steps) {
        if (each.do === 'write') {
          const version = versions.get(each.thing)! + 1;
          versions.set(each.thing, version);
          onTheirWay.push({ thing: each.thing, version });
        } else if (each.do === 'tell') {
          const next = onTheirWay.shift();
          if (!next) continue;
          told.set(next.thing, next.version);
          cache.drop([next.thing]);
        } else if (each.do === 'read') {
          const known = new Map(told);
          const asked = cache.read(each.of.join(), () => {
            const making = { of: each.of, seen: null as Map<string, number> | null, end: () => {} };
            makings.push(making);
            return new Promise<Answer>((resolve) => {
              making.end = () => {
                making.seen ??= new Map(versions);
                resolve(answer(JSON.stringify([...making.seen]), each.of));
              };
            });
          });
          checks.push(
            asked.then(({ text }) => {
              const seen = new Map<string, number>(JSON.parse(text));
              for (const thing of each.of) expect(seen.get(thing)).toBeGreaterThanOrEqual(known.get(thing)!);
            }),
          );
        } else if (each.do === 'look') {
          // The service reads its tables now, and answers later.
          const making = makings[each.which % Math.max(1, makings.length)];
          if (making) making.seen ??= new Map(versions);
        } else if (each.do === 'end') {
          const [making] = makings.splice(each.which % Math.max(1, makings.length), 1);
          making?.end();
          for (let turn = 0; turn < 8; turn += 1) await null; // the answer arrives
        } else if (each.do === 'wait') later(each.ms);
        else cache.clear();
      }
      for (const making of makings) making.end();
      await Promise.all(checks);
    }),
    { numRuns: 500 },
  );
});
