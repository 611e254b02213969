/** What `events lag` tells, and by whose clock. */
import { jest } from '@jest/globals';
import { DomainError } from '@merit/chassis/errors';
import { eventsDead } from '../src/merit/events.dead.js';
import { eventsLag } from '../src/merit/events.lag.js';

const printed = jest.spyOn(console, 'log');
beforeEach(() => void printed.mockReset().mockReturnValue());
afterAll(() => jest.restoreAllMocks());

/** Years from the clock of whoever asks. */
const NOW = '2011-03-04T05:06:07.000Z';
const ago = (seconds: number) => new Date(Date.parse(NOW) - seconds * 1_000).toISOString();
const partition = (asOf: string) => ({ topic: 'merit.personnel.v1', partition: 0, lag: 3, asOf, heartbeats: true });
const well = {
  now: NOW,
  relay: { backlog: 0, oldestSeconds: 0, parked: 0 },
  asOf: ago(7),
  lag: [partition(ago(9))],
  deadLetters: { total: 0 },
};

async function lag(answer: object | Error) {
  const ask = async () => {
    if (answer instanceof Error) throw answer;
    return { events: answer } as never;
  };
  const graph = async () => ({ ask, close: async () => undefined });
  const code = await eventsLag.run({ parameters: [], options: { service: 'performance' }, json: false, graph });
  return { code, text: printed.mock.calls.flat().join('\n') };
}

test('ages are told by the clock of the service', async () => {
  const { code, text } = await lag(well);
  expect(code).toBe(0);
  expect(text).toMatch(/^performance +0 +– +0 +0 +7 s ago$/m);
  expect(text).toMatch(/^performance +merit\.personnel\.v1 +3 +9 s ago$/m);
});

test('who was not heard from for a minute by that clock needs a person', async () => {
  expect((await lag({ ...well, lag: [partition(ago(61))] })).code).toBe(1);
});

test('while the transport is away, what the service knows is shown, and it ends with 1', async () => {
  const relay = { backlog: 4_711, oldestSeconds: 900, parked: 0 };
  const { code, text } = await lag({ ...well, relay, lag: null, deadLetters: { total: 7 } });
  expect(code).toBe(1);
  expect(text).toMatch(/^performance +4,711 +15 min +0 +7 +7 s ago$/m);
  expect(text).toMatch(/^performance +the transport does not answer$/m);
});

test('a service that does not answer says so, and nothing of its transport', async () => {
  const { code, text } = await lag(new DomainError('SERVICE_UNAVAILABLE', 'Nothing answers.'));
  expect(code).toBe(1);
  expect(text).toContain('does not answer: Nothing answers.');
  expect(text).not.toContain('the transport');
});

test('since when a dead letter was set aside is told by the clock of the service', async () => {
  const node = { id: '1', code: 'FAILED', message: 'm', type: null, subject: null, attempts: 5, parkedAt: ago(20) };
  const deadLetters = {
    total: 1,
    edges: [{ node: { ...node, waitingBehind: 0 } }],
    pageInfo: { hasNextPage: false, endCursor: null },
  };
  const ask = async () => ({ events: { now: NOW, deadLetters } }) as never;
  const graph = async () => ({ ask, close: async () => undefined });
  const options = { service: 'performance', most: '50' };
  expect(await eventsDead.run({ parameters: [], options, json: false, graph })).toBe(1);
  expect(printed.mock.calls.flat().join('\n')).toContain('20 s ago');
});
