/** A rebuild that somebody else has open: dropped when a person says so, never by --check, and never put in place unseen. */
import { jest } from '@jest/globals';
import { DomainError } from '@merit/chassis/errors';
import type { Graph } from '../src/graph.client.js';
import { eventsRebuild } from '../src/merit/events.rebuild.js';

const printed = { log: jest.spyOn(console, 'log'), error: jest.spyOn(console, 'error') };
beforeEach(() => Object.values(printed).forEach((spy) => void spy.mockReset().mockReturnValue()));
afterAll(() => jest.restoreAllMocks());

const DIFFERENT = { table: 'directory_unit', onlyLive: 1, onlyRebuilt: 1, examples: [] };
const row = (id: string, requestedBy: string, state = 'READY') => ({
  ...{ id, model: 'directory', state, partitionsDone: 6, partitions: 6, aggregates: 3, error: null },
  ...{ startedAt: new Date().toISOString(), requestedBy, reason: `the work of ${requestedBy}`, settledBy: null },
});

/** A service in which operator/b has a rebuild open; what was finished of it, and how. */
function scene({ whenCompared = () => {} }: { whenCompared?: (rows: ReturnType<typeof row>[]) => void } = {}) {
  const rows = [row('theirs', 'operator/b')];
  const finished: object[] = [];
  const ask = async (query: string, variables: { id?: string; input?: { id: string; swap: boolean } } = {}) => {
    const open = rows.find(({ state }) => state === 'READY');
    if (query.includes('rebuildFeedbackModel')) {
      if (open) throw new DomainError('REBUILD_OPEN', 'A rebuild of directory is READY.');
      rows.unshift(row('mine', 'operator/a'));
      return { done: { rebuild: { id: 'mine' } } };
    }
    if (query.includes('finishFeedbackRebuild')) {
      const { id, swap } = variables.input!;
      if (open?.id !== id) throw new DomainError('REBUILD_ANOTHER', 'Another rebuild is open.');
      finished.push({ id, swap });
      rows[rows.indexOf(open)] = { ...open, state: swap ? 'SWAPPED' : 'DROPPED' };
      return { done: { rebuild: { id } } };
    }
    if (query.includes('rebuildDifferences')) {
      expect(variables.id).toBe(open?.id);
      whenCompared(rows);
      return { events: { rebuildDifferences: [DIFFERENT] } };
    }
    return { events: { models: ['directory'], rebuilds: rows, snapshots: [] } };
  };
  const graph = { ask, close: async () => undefined } as unknown as Graph;
  const run = (options: Record<string, boolean>) =>
    eventsRebuild.run({
      ...{ parameters: ['directory'], options: { service: 'feedback', ...options } },
      ...{ json: false, graph: async () => graph },
    });
  return { finished, run };
}

test('--check drops none: it says whose is open, and what can be done', async () => {
  const { finished, run } = scene();
  const refused = { exitCode: 2, message: expect.stringMatching(/operator\/b opened a rebuild .*\n.*--continue/) };
  await expect(run({ check: true })).rejects.toMatchObject(refused);
  await expect(run({ check: true, yes: true })).rejects.toMatchObject(refused);
  expect(finished).toEqual([]);
});

test('--check --continue compares it and leaves it to whom it belongs', async () => {
  const { finished, run } = scene();
  expect(await run({ check: true, continue: true })).toBe(1);
  expect(finished).toEqual([]);
});

test('to drop it is asked first: nobody is here to answer, and it stays', async () => {
  const { finished, run } = scene();
  await expect(run({})).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/will be dropped.*--yes/s),
  });
  expect(finished).toEqual([]);
  expect(await run({ yes: true })).toBe(1);
  expect(finished).toEqual([
    { id: 'theirs', swap: false },
    { id: 'mine', swap: true },
  ]);
});

test('what goes in is what was compared: one that took its place meanwhile is refused', async () => {
  const { finished, run } = scene({
    whenCompared: (rows) => {
      rows[rows.findIndex(({ id }) => id === 'mine')] = row('mine', 'operator/a', 'DROPPED');
      rows.unshift(row('later', 'operator/b'));
    },
  });
  await expect(run({ yes: true })).rejects.toMatchObject({ code: 'REBUILD_ANOTHER' });
  expect(finished).toEqual([{ id: 'theirs', swap: false }]);
});
