/** A question that a person does not answer: what was built to be put in place is dropped, as after a no. */
import { PassThrough } from 'node:stream';
import { jest } from '@jest/globals';
import { eventsRebuild } from '../src/merit/events.rebuild.js';

const READY = { id: 'run', model: 'directory', state: 'READY', partitionsDone: 6, partitions: 6, aggregates: 3 };
const DIFFERENT = { table: 'directory_unit', onlyLive: 1, onlyRebuilt: 1, examples: [] };

/** A terminal at which a person sits, and a graph in which a rebuild differs; what was asked of it. */
function scene() {
  const [keys, screen] = [new PassThrough(), new PassThrough()];
  const given = { stdin: process.stdin, stderr: process.stderr };
  const put = (streams: object) => {
    for (const [name, value] of Object.entries(streams))
      Object.defineProperty(process, name, { value, configurable: true });
  };
  put({ stdin: Object.assign(keys, { isTTY: true }), stderr: Object.assign(screen, { isTTY: true, columns: 100 }) });
  const asked: { query: string; variables: unknown }[] = [];
  const ask = async (query: string, variables: unknown) => {
    asked.push({ query, variables });
    return {
      done: { rebuild: { id: 'run' } },
      events: { models: ['directory'], rebuilds: [READY], snapshots: [], rebuildDifferences: [DIFFERENT] },
    } as never;
  };
  const graph = async () => ({ ask, close: async () => undefined });
  const question = new Promise<void>((resolve) => {
    screen.on('data', (text) => /Type directory to go on/.test(String(text)) && resolve());
  });
  const run = eventsRebuild.run({
    ...{ parameters: ['directory'], options: { service: 'feedback' } },
    json: false,
    graph,
  });
  return { asked, keys, question, run, leave: () => put(given) };
}

const printed = { log: jest.spyOn(console, 'log'), error: jest.spyOn(console, 'error') };
beforeEach(() => Object.values(printed).forEach((spy) => void spy.mockReset().mockReturnValue()));
afterAll(() => jest.restoreAllMocks());

test.each<[string, (keys: PassThrough) => unknown]>([
  ['another word', (keys) => keys.write('no\r')],
  ['Ctrl-C', (keys) => keys.write('\x03')],
  ['Ctrl-D', (keys) => keys.write('\x04')],
  ['the end of the input', (keys) => keys.end()],
  ['a signal', () => process.emit('SIGHUP', 'SIGHUP')],
])('%s at the question of a rebuild drops it', async (_, answer) => {
  const { asked, keys, question, run, leave } = scene();
  try {
    await question;
    answer(keys);
    await expect(run).rejects.toThrow('Nothing was done.');
  } finally {
    leave();
  }
  expect(asked.at(-1)).toMatchObject({
    query: expect.stringContaining('finishFeedbackRebuild'),
    variables: { input: { model: 'directory', id: 'run', swap: false, reason: 'it was not confirmed' } },
  });
});

test('the right word puts it in place', async () => {
  const { asked, keys, question, run, leave } = scene();
  try {
    await question;
    keys.write('directory\r');
    expect(await run).toBe(1);
  } finally {
    leave();
  }
  expect(asked.at(-1)).toMatchObject({ variables: { input: { model: 'directory', id: 'run', swap: true } } });
});
