/** What `events rebuild --list` shows: also on a narrow screen who opened each, why, and how far it is. */
import { jest } from '@jest/globals';
import type { Graph } from '../src/graph.client.js';
import { eventsRebuild } from '../src/merit/events.rebuild.js';

const log = jest.spyOn(console, 'log').mockReturnValue();
afterAll(() => jest.restoreAllMocks());

const OPEN = {
  ...{ id: 'run', model: 'directory', state: 'FILLING', error: null, settledBy: null },
  ...{ startedAt: new Date().toISOString(), requestedBy: 'operator/system', reason: 'of old code' },
};

test.each([
  ['a snapshot', { partitionsDone: 2, partitions: 6, aggregates: 14, aggregatesInAll: null }, '2 of 6 partitions'],
  [
    'the service’s own',
    { partitionsDone: 0, partitions: 0, aggregates: 1_000_500, aggregatesInAll: 2_000_000 },
    '1,000,500 of 2,000,000',
  ],
  [
    'its own, not counted yet',
    { partitionsDone: 0, partitions: 0, aggregates: 0, aggregatesInAll: null },
    '0 aggregates',
  ],
])('one that is built from %s', async (_, progress, shown) => {
  const ask = async () => ({
    events: { now: OPEN.startedAt, models: ['directory'], rebuilds: [{ ...OPEN, ...progress }] },
  });
  const graph = { ask, close: async () => undefined } as unknown as Graph;
  const options = { service: 'performance', list: true };
  const call = { parameters: [], options, json: false, graph: async () => graph };
  expect(await eventsRebuild.run(call)).toBe(0);
  const row = new RegExp(`^performance +directory +FILLING +${shown} +\\d+ s ago +operator/system +of old code$`, 'm');
  expect(log.mock.lastCall?.[0]).toMatch(row);
});
