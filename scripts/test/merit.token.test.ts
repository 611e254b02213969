/** The token of a command that takes longer than a token lives, and of one that is run where there is no embedded provider. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signIn } from '../src/graph.sign-in.js';
import { printedBy, tokenSource } from '../src/graph.token.js';

const jwt = (exp: number, name = 'a') =>
  `${name}.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.signature`;

test('is kept while it is good for long, and taken anew before it ends, once for all who ask', async () => {
  let [now, taken] = [0, 0];
  const source = tokenSource(
    async () => {
      taken += 1;
      return jwt(now / 1_000 + 300, `n${taken}`);
    },
    () => now,
  );
  const first = await source();
  now = 269_000;
  expect(await source()).toBe(first);
  now = 271_000;
  const [second, third] = await Promise.all([source(), source()]);
  expect(second).toBe(third);
  expect(second).not.toBe(first);
  expect(taken).toBe(2);
});

test.each(['a', 'a.b.c', 'a..c'])('%p, which does not say when it ends, is kept', async (token) => {
  let taken = 0;
  const source = tokenSource(async () => {
    taken += 1;
    return token;
  });
  await source();
  expect([await source(), taken]).toEqual([token, 1]);
});

test('is what a command prints, and its failure is told', async () => {
  expect(await printedBy('echo one; exit 0')).toBe('one');
  await expect(printedBy('exit 3')).rejects.toThrow(/ended with 3 and printed nothing: exit 3/);
  await expect(printedBy('echo null')).rejects.toThrow('printed none');
  await expect(printedBy('echo not a token')).rejects.toThrow('printed none');
});

describe('where the environment says so', () => {
  let server: Server;
  let url: string;
  const bearers: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      bearers.push(request.headers.authorization);
      response.setHeader('content-type', 'application/json').end('{"data":{"it":1}}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  beforeEach(() => void bearers.splice(0));
  const asked = async (given: object, env: NodeJS.ProcessEnv) => {
    const graph = await signIn(given, { MERIT_GATEWAY: `${url}/graphql`, ...env });
    await graph.ask('{ it }');
    await graph.ask('{ it }');
    await graph.close();
    return bearers;
  };

  test('a command goes to the gateway that it names, with its token', async () => {
    expect(await asked({}, { MERIT_TOKEN: 'fixed' })).toEqual(['Bearer fixed', 'Bearer fixed']);
  });

  test('a long one goes on with another token when the first is near its end', async () => {
    const over = jwt(Date.now() / 1_000 - 1, '$(date +%N)'); // is over at once: each request needs another
    const [first, second] = await asked({}, { MERIT_TOKEN_COMMAND: `echo "${over}"` });
    expect(first).toMatch(/^Bearer \d+\./);
    expect(second).not.toBe(first);
  });

  test('what is typed goes before it', async () => {
    const env = { MERIT_TOKEN: 'fixed', MERIT_TOKEN_COMMAND: 'exit 1' };
    expect(await asked({ 'token-command': 'echo typed' }, env)).toEqual(['Bearer typed', 'Bearer typed']);
  });
});
