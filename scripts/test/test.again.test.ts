import { secondChance } from '../src/test.again.js';

test('a file that failed is run once more, unless many did', () => {
  expect(secondChance(['/gateway/test/flood.e2e.test.ts'])).toEqual(['/gateway/test/flood.e2e.test.ts']);
  expect(secondChance(['/a.test.ts', '/b.test.ts', '/c.test.ts', '/d.test.ts'])).toEqual([]);
});

test('what looks for lost work has failed when it failed once', () => {
  const flood = '/gateway/test/flood.e2e.test.ts';
  const failed = ['/scripts/test/faults.e2e.test.ts', '/gateway/test/kill.e2e.test.ts', flood];
  expect(secondChance(failed)).toEqual([flood]);
});
