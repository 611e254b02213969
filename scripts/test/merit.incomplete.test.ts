/** Snapshots that lack something: what a person is told, and what becomes of a rebuild that waits for one. */
import { jest } from '@jest/globals';
import { eventsRebuild } from '../src/merit/events.rebuild.js';
import { eventsSnapshot } from '../src/merit/events.snapshot.js';

const RUN = { id: 'run', aggregates: 3, startedAt: '2026-03-04T00:00:00Z', endedAt: '2026-03-04T00:00:01Z' };

/** A graph of services whose snapshot left out so many aggregates; what was asked of it. */
function graphOf(tooLarge: number) {
  const asked: { query: string; variables: unknown }[] = [];
  const snapshot = { ...RUN, tooLarge };
  const filling = { id: 'run', model: 'directory', state: 'FILLING', partitionsDone: 0, partitions: 6, aggregates: 3 };
  const ask = async (query: string, variables: unknown) => {
    asked.push({ query, variables });
    return {
      done: { snapshot, rebuild: { id: 'run' } },
      events: { models: ['directory'], rebuilds: [filling], snapshots: [snapshot] },
    } as never;
  };
  return { asked, graph: { ask, close: async () => undefined } };
}
const call = (graph: ReturnType<typeof graphOf>['graph'], parameters: string[]) => ({
  ...{ parameters, options: { service: 'personnel' }, json: false, graph: async () => graph },
});

const printed = { log: jest.spyOn(console, 'log'), error: jest.spyOn(console, 'error') };
beforeEach(() => Object.values(printed).forEach((spy) => void spy.mockReset().mockReturnValue()));
afterAll(() => jest.restoreAllMocks());

test('a snapshot that is complete ends well, and one that is not says so', async () => {
  expect(await eventsSnapshot.run(call(graphOf(0).graph, []))).toBe(0);
  expect(printed.error).not.toHaveBeenCalled();
  expect(await eventsSnapshot.run(call(graphOf(2).graph, []))).toBe(1);
  expect(printed.error).toHaveBeenCalledWith(expect.stringContaining('2 aggregates did not fit into a record'));
});

test('a rebuild does not wait for the end of a snapshot that has none, and is dropped', async () => {
  const { asked, graph } = graphOf(2);
  await expect(eventsRebuild.run(call(graph, ['directory']))).rejects.toThrow(/was dropped: 2 aggregates of personnel/);
  expect(asked.at(-1)).toMatchObject({
    query: expect.stringContaining('finishPersonnelRebuild'),
    variables: { input: { model: 'directory', id: 'run', swap: false } },
  });
});
