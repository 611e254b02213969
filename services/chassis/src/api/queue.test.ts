import { jest } from '@jest/globals';
import { boundedQueue } from './queue.js';

/** Work that ends when it is told to. */
function work() {
  let end: (fails?: boolean) => void = () => undefined;
  let begun = false;
  const ended = new Promise<void>((resolve, reject) => {
    end = (fails) => (fails ? reject(new Error('failed')) : resolve());
  });
  const run = async () => {
    begun = true;
    await ended;
    return 'done';
  };
  return { run, end: (fails?: boolean) => end(fails), begun: () => begun };
}
const overloaded = expect.objectContaining({ code: 'OVERLOADED' });
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('runs so many at a time, in the order they came, and refuses what is beyond its end', async () => {
  const queue = boundedQueue({ running: 1, waiting: 2, patienceMs: 1_000 });
  const [first, second, third] = [work(), work(), work()];
  const answers = [first, second, third].map(({ run }) => queue(run));
  await expect(queue(async () => 'never')).rejects.toEqual(overloaded);
  await settled();
  expect([first.begun(), second.begun(), third.begun()]).toEqual([true, false, false]);
  first.end();
  await answers[0];
  await settled();
  expect([second.begun(), third.begun()]).toEqual([true, false]);
  second.end();
  third.end();
  expect(await Promise.all(answers)).toEqual(['done', 'done', 'done']);
  expect(await queue(async () => 'again')).toBe('again');
});

test('work that fails gives its place to the next', async () => {
  const queue = boundedQueue({ running: 1, waiting: 1, patienceMs: 1_000 });
  const failing = work();
  const answer = queue(failing.run);
  const next = queue(async () => 'next');
  failing.end(true);
  await expect(answer).rejects.toThrow('failed');
  expect(await next).toBe('next');
});

test('work that waited too long is not begun, and does not cost the next its turn', async () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
  const queue = boundedQueue({ running: 1, waiting: 2, patienceMs: 1_000 });
  const [slow, late] = [work(), work()];
  const answers = [queue(slow.run), queue(late.run)];
  const refused = expect(answers[1]).rejects.toEqual(overloaded);
  clock.mockReturnValue(600);
  const patient = queue(async () => 'patient');
  clock.mockReturnValue(1_001);
  slow.end();
  await answers[0];
  await refused;
  expect(late.begun()).toBe(false);
  expect(await patient).toBe('patient');
  clock.mockRestore();
});
