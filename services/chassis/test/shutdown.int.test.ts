import { startChild } from './child/child.js';
import { eventually } from './eventually.js';

test.each([
  ['a promise fails that nobody waits for', 'promise', 'ending, for nobody waited for what failed'],
  ['a callback throws', 'callback', 'ending, for nobody caught an error'],
  ['it cannot start', 'start', 'ending, for nobody caught an error'],
])('a process says why and ends with 1, to be started again, when %s', async (_, what, msg) => {
  const child = startChild('unhandled.ts', [what], {});
  expect(await child.ended).toBe(1);
  const lines = child.lines.map((line) => JSON.parse(line));
  expect(lines).toEqual([
    expect.objectContaining({ level: 60, name: 'test', msg, err: expect.objectContaining({ type: 'Error' }) }),
  ]);
  expect(lines[0].err.message).toBe('Value is not a valid UUID.');
  expect(lines[0].err.stack).toContain('unhandled.ts');
  expect(child.errors()).toBe('');
});

test('a process goes on when an item of a list fails after the list has', async () => {
  const child = startChild('unhandled.ts', ['item'], {});
  await eventually(() => child.lines.length > 0, child.errors);
  expect(JSON.parse(child.lines[0]!)).toMatchObject({
    level: 50,
    msg: 'a field failed when its answer had been given',
  });
  child.signal('SIGTERM');
  expect(await child.ended).toBeNull(); // by the signal, and not before
});
