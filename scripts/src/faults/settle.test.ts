import type { Finding } from './checker.finding.js';
import { settle } from './settle.js';

const lost: Finding = { kind: 'lost', fault: 'kill', what: 'something' };
const twice: Finding = { ...lost, kind: 'twice' };
/** What each look finds; the last of them again and again. */
const looks =
  (...found: Finding[][]) =>
  async () =>
    found.length > 1 ? found.shift()! : found[0]!;

test('what is still arriving is waited for, however long it takes', async () => {
  const steps = Array.from({ length: 20 }, (_, n) => Array.from({ length: 20 - n }, () => lost));
  expect(await settle(looks(...steps, []), 15, 10)).toEqual([]);
});

test('what does not arrive is lost', async () => {
  expect(await settle(looks([lost, lost], [lost]), 30, 10)).toEqual([lost]);
});

test('what happened twice is not waited for', async () => {
  expect(await settle(looks([twice], []), 60_000, 10)).toEqual([twice]);
});
