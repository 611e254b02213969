/** What a reconciliation waits for: what was there when it began, on a system that never stands still. */
import type { Graph } from '../src/graph.client.js';
import { arrived } from '../src/merit/events.reconcile.arrived.js';

/** Services that write and read without a pause: there is always something to publish, and something to read. */
function busy({ oldestSeconds, reads }: { oldestSeconds: (look: number) => number; reads: number }) {
  let looks = 0;
  const ask = async (query: string) => {
    looks += 1;
    if (query.includes('relay')) return { events: { relay: { backlog: 40, oldestSeconds: oldestSeconds(looks) } } };
    const [end, at] = [1_000 + looks * 50, 900 + looks * reads];
    return { events: { lag: [{ topic: 'merit.personnel.v1', partition: 0, end, lag: end - at }] } };
  };
  const said: string[] = [];
  const graph = { ask, close: async () => undefined } as unknown as Graph;
  return { said, wait: (seconds: number) => arrived(graph, seconds, (text) => said.push(text)) };
}

test('it ends once what was there is read, though as much has come since', async () => {
  const { said, wait } = busy({ oldestSeconds: () => 0, reads: 50 });
  await wait(30);
  expect(said.length).toBeGreaterThan(0);
  expect(said.every((text) => text.includes('still to be read'))).toBe(true);
});

test('what was in an outbox before is waited for, and named when it stays there', async () => {
  const { wait } = busy({ oldestSeconds: () => 3_600, reads: 50 });
  await expect(wait(0.3)).rejects.toThrow(/personnel.*: 160 events are still to be published\. Wait longer/);
});

test('a reader that does not come on is named', async () => {
  const { wait } = busy({ oldestSeconds: () => 0, reads: 0 });
  await expect(wait(0.3)).rejects.toThrow(/events are still to be read/);
});

test('a broker that cannot be asked is said to be that', async () => {
  const ask = async (query: string) => ({
    events: query.includes('relay') ? { relay: { backlog: 0, oldestSeconds: 0 } } : { lag: null },
  });
  const graph = { ask, close: async () => undefined } as unknown as Graph;
  await expect(arrived(graph, 0.1, () => undefined)).rejects.toThrow(/the transport does not answer/);
});
