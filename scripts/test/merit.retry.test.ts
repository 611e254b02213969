/** Many dead letters retried by one command: whatever became of one, the others are tried, and all is told at the end. */
import { jest } from '@jest/globals';
import { DomainError } from '@merit/chassis/errors';
import type { Graph } from '../src/graph.client.js';
import { eventsDiscard } from '../src/merit/events.discard.js';
import { eventsRetry } from '../src/merit/events.retry.js';

const printed = { log: jest.spyOn(console, 'log'), error: jest.spyOn(console, 'error') };
beforeEach(() => Object.values(printed).forEach((spy) => void spy.mockReset().mockReturnValue()));
afterAll(() => jest.restoreAllMocks());
const out = () => printed.log.mock.calls.map(([line]) => line).join('\n');

interface Letter {
  readonly id: string;
  readonly key: string;
  readonly fails?: string;
}

/** A service with lines of letters: a retry of one settles those of its key, until one fails. */
function serviceWith(letters: readonly Letter[], settledByOthers: readonly string[] = []) {
  const waiting = new Map(letters.filter(({ id }) => !settledByOthers.includes(id)).map((each) => [each.id, each]));
  const heads = [...letters]; // as they were listed before others came
  const tried: string[] = [];
  const nodeOf = ({ id, key, fails }: Letter) => ({
    ...{
      id,
      key,
      topic: 'merit.competency.v1',
      code: 'FAILED',
      message: fails ?? 'a fault',
      type: null,
      subject: null,
    },
    ...{ attempts: 5, parkedAt: '2026-03-04T00:00:00Z', waitingBehind: 0 },
  });
  const settle = (id: string) => {
    tried.push(id);
    const letter = waiting.get(id);
    if (!letters.some((each) => each.id === id)) throw new DomainError('DEAD_LETTER_NOT_FOUND', 'There is none.');
    if (!letter) throw new DomainError('DEAD_LETTER_SETTLED', 'This was retried already: nothing is left to do.');
    const line = [...waiting.values()].filter(({ key }) => key === letter.key);
    const stop = line.findIndex(({ fails }) => fails !== undefined);
    const done = stop < 0 ? line : line.slice(0, stop);
    for (const each of done) waiting.delete(each.id);
    return { applied: done.length, waiting: 0, stoppedBy: stop < 0 ? null : nodeOf(line[stop]!), next: null };
  };
  let lists = 0;
  const ask = async (query: string, variables: { id?: string; input?: { id: string } } = {}) => {
    if (query.includes('mutation')) return { done: settle(variables.input!.id) };
    if (variables.id) return { events: { deadLetter: nodeOf(letters.find(({ id }) => id === variables.id)!) } };
    lists += 1;
    const nodes = lists === 1 && tried.length === 0 ? heads : [...waiting.values()];
    const edges = nodes.map((letter) => ({ node: nodeOf(letter) }));
    return { events: { deadLetters: { total: edges.length, edges, pageInfo: { hasNextPage: false } } } };
  };
  return { tried, graph: { ask, close: async () => undefined } as unknown as Graph };
}

const call = (graph: Graph, parameters: string[], over: { json?: boolean; options?: Record<string, string> } = {}) => ({
  ...{ parameters, options: over.options ?? {}, json: over.json ?? false, graph: async () => graph },
});
const BY_CODE = { service: 'performance', code: 'FAILED' };

test('two at fault of one line: the second is settled with the first, and the rest is tried', async () => {
  const scene = serviceWith([
    { id: '1', key: 'a' },
    { id: '2', key: 'a' },
    { id: '3', key: 'b' },
  ]);
  expect(await eventsRetry.run(call(scene.graph, [], { options: BY_CODE }))).toBe(0);
  expect(scene.tried).toEqual(['1', '2', '3']);
  expect(out()).toContain('performance/2: settled already');
  expect(out()).toContain('Of 3 dead letters: 2 retried, 1 settled already.');
});

test('what a colleague settled first is done, and what held them up is named and left', async () => {
  const letters = [
    { id: '1', key: 'a' },
    { id: '2', key: 'b' },
    { id: '9', key: 'a', fails: 'constraint' },
  ];
  const scene = serviceWith(letters, ['1']);
  expect(await eventsRetry.run(call(scene.graph, ['performance/1', 'performance/2'], { json: true }))).toBe(1);
  expect(JSON.parse(out())).toEqual({
    retried: [
      { id: 'performance/1', applied: 0, stoppedBy: null, settledBefore: true },
      { id: 'performance/2', applied: 1, stoppedBy: null, settledBefore: false },
    ],
    untried: [],
    left: [{ id: 'performance/9', code: 'FAILED', message: 'constraint' }],
    rest: [],
  });
});

test('one that there is not, or that fails again, keeps nobody from the others', async () => {
  const scene = serviceWith([
    { id: '1', key: 'a', fails: 'still full' },
    { id: '3', key: 'b' },
  ]);
  const ids = ['performance/1', 'performance/2', 'performance/3'];
  expect(await eventsRetry.run(call(scene.graph, ids))).toBe(1);
  expect(printed.error).toHaveBeenCalledWith('performance/2: DEAD_LETTER_NOT_FOUND: There is none.');
  expect(out()).toContain('Of 3 dead letters: 1 retried, 1 failed again, 1 could not be tried.');
});

test('when nothing can be asked any more, what was done and what is left is told all the same', async () => {
  const scene = serviceWith([{ id: '1', key: 'a' }]);
  const asked = (service: Graph) => call(service, ['performance/1', 'performance/2', 'performance/3'], { json: true });
  const broken = async (query: string, variables: { input: { id: string } }) => {
    if (variables.input.id === '2') throw new DomainError('SERVICE_UNAVAILABLE', 'performance is away');
    return scene.graph.ask(query, variables as never);
  };
  const graph = { ...scene.graph, ask: broken } as unknown as Graph;
  await expect(eventsRetry.run(asked(graph))).rejects.toThrow('performance is away');
  expect(JSON.parse(out())).toMatchObject({
    retried: [{ id: 'performance/1', applied: 1 }],
    rest: ['performance/2', 'performance/3'],
  });
});

test('a line with which somebody else goes on meanwhile ends well for who discarded its first', async () => {
  const ask = async (query: string) => {
    if (query.includes('retry')) throw new DomainError('DEAD_LETTER_SETTLED', 'This was retried already.');
    const next = { id: '2', code: 'WAITS', message: 'behind 1' };
    return { done: { applied: 7, waiting: 1, stoppedBy: null, next } };
  };
  const graph = { ask, close: async () => undefined } as unknown as Graph;
  const discard = { ...call(graph, ['performance/1']), options: { reason: 'for a test', yes: true } };
  expect(await eventsDiscard.run(discard)).toBe(0);
  expect(out()).toMatch(/is left out\. 7 events behind it applied, and somebody else went on/);
});
