import { runAll } from './shutdown.js';

function collect() {
  const steps: string[] = [];
  const log = {
    info: (message: unknown) => steps.push(String(message)),
    error: (_: unknown, message: unknown) => steps.push(String(message)),
  };
  return { steps, log: log as never };
}

test('the parts end one after the other, in the order given', async () => {
  const { steps, log } = collect();
  const part = (name: string) => async () => {
    steps.push(`${name} begins`);
    await new Promise<void>((resolve) => setImmediate(resolve));
    steps.push(`${name} ended`);
  };
  expect(await runAll(log, [part('server'), part('database')])).toBe(true);
  expect(steps).toEqual(['server begins', 'server ended', 'database begins', 'database ended', 'stopped']);
});

test('a part that fails does not keep the next from ending', async () => {
  const { steps, log } = collect();
  const failing = () => Promise.reject(new Error('no'));
  const last = async () => void steps.push('database ended');
  expect(await runAll(log, [failing, last])).toBe(false);
  expect(steps).toEqual(['a part did not stop in order', 'database ended', 'stopped']);
});
