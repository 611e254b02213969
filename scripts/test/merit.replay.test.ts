/** Whom `events replay` asks: a type's publisher, and everybody for one that all services publish. */
import { jest } from '@jest/globals';
import type { Graph } from '../src/graph.client.js';
import { eventsReplay } from '../src/merit/events.replay.js';

const printed = { log: jest.spyOn(console, 'log'), error: jest.spyOn(console, 'error') };
beforeEach(() => Object.values(printed).forEach((spy) => void spy.mockReset().mockReturnValue()));
afterAll(() => jest.restoreAllMocks());

test.each([
  ['merit.competency.v1.TrainingCompleted', ['competency']],
  ['merit.access.v1.AccessRecorded', ['personnel', 'performance', 'competency', 'feedback']],
])('of %s it is %j', async (type, publishers) => {
  const ask = async () => ({ done: { events: 1, next: null } });
  const graph = { ask, close: async () => undefined } as unknown as Graph;
  const options = { type, from: '2026-03-04' };
  expect(await eventsReplay.run({ parameters: [], options, json: true, graph: async () => graph })).toBe(0);
  const { replayed } = JSON.parse(printed.log.mock.calls[0]![0] as string);
  expect(Object.keys(replayed).sort()).toEqual([...publishers].sort());
});
