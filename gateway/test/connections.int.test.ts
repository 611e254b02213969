/** What connections may take, of the gateway and of the services, which have the same server. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createHttp } from '@merit/chassis/api/http';
import { createLog } from '@merit/chassis/log';
import { eventually } from './eventually.js';
import { startSmallGraph } from './small-graph.js';

const open = async (port: number, localAddress = '127.0.0.1') => {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};
/** What came until the connection ended. */
async function until(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}

test('one address has half of the connections, and the others are let in', async () => {
  const graph = await startSmallGraph({ slow: 'here' }, {}, { mostConnections: 40 });
  const port = Number(new URL(graph.url).port);
  const crowd = await Promise.all(Array.from({ length: 60 }, () => open(port, '127.0.0.2')));
  for (const socket of crowd) socket.resume(); // who does not read does not see the end
  await eventually(
    async () => crowd.filter((socket) => socket.closed || socket.readableEnded || socket.destroyed).length >= 40,
  );
  expect(crowd.filter((socket) => !socket.closed && !socket.destroyed)).toHaveLength(20);
  expect((await graph.ask('{ slow }')).body).toEqual({ data: { slow: 'here' } });
  for (const socket of crowd) socket.destroy();
  await graph.stop();
});

test('bodies that are on their way have a share: who sends many at once is told to wait before they are read', async () => {
  const graph = await startSmallGraph(
    { slow: 'here' },
    {},
    { trustedProxies: ['127.0.0.1'], requestTimeoutMs: 60_000 },
  );
  const port = Number(new URL(graph.url).port);
  const begin = async (from: string) => {
    const socket = await open(port);
    const head = `POST /graphql HTTP/1.1\r\nhost: merit\r\nx-forwarded-for: ${from}\r\ncontent-type: application/json`;
    socket.write(`${head}\r\ncontent-length: ${1024 * 1024}\r\n\r\n{"query":`);
    return socket;
  };
  const turnedAway: string[] = [];
  const sending = await Promise.all(Array.from({ length: 10 }, () => begin('203.0.113.1')));
  for (const socket of sending) socket.on('data', (chunk) => turnedAway.push(String(chunk)));
  await eventually(async () => turnedAway.length >= 2);
  expect(turnedAway.every((text) => /^HTTP\/1.1 503.*"code":"OVERLOADED"/s.test(text))).toBe(true);
  const other = { headers: { 'x-forwarded-for': '203.0.113.2' } };
  expect((await graph.ask('{ slow }', other)).body).toEqual({ data: { slow: 'here' } });
  for (const socket of sending) socket.destroy();
  const same = { headers: { 'x-forwarded-for': '203.0.113.1' } };
  await eventually(async () => (await graph.ask('{ slow }', same)).body.data?.slow === 'here');
  expect(turnedAway).toHaveLength(2);
  await graph.stop();
});

describe('a service, where a stranger reaches it', () => {
  const start = async (over = {}) => {
    const app = createHttp({
      log: createLog('service', 'silent'),
      bodyLimit: 1_000,
      connections: { headersTimeoutMs: 200, requestTimeoutMs: 400, answerTimeoutMs: 300, mostConnections: 10, ...over },
    });
    app.post('/graphql', async ({ body }) => body);
    app.get('/large', async () => 'x'.repeat(32 * 1024 * 1024));
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { app, url, port: Number(new URL(url).port) };
  };

  test.each([
    ['headers that do not end', 'POST /graphql HTTP/1.1\r\nhost: merit\r\n'],
    [
      'a body that does not end',
      'POST /graphql HTTP/1.1\r\nhost: merit\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{',
    ],
    ['nothing at all', ''],
  ])('cuts off %s, and says why', async (_, text) => {
    const { app, port } = await start();
    const socket = await open(port);
    socket.write(text);
    expect(await until(socket)).toMatch(/^HTTP\/1.1 408.*"code":"REQUEST_TIMEOUT"/s);
    await app.close();
  });

  test('reads no body that is too large, nor headers without end', async () => {
    const { app, url, port } = await start();
    const headers = { 'content-type': 'application/json' };
    const large = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify('x'.repeat(2_000)) });
    expect([large.status, await large.json()]).toMatchObject([
      413,
      { errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] },
    ]);
    const socket = await open(port);
    socket.write(`GET /large HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(await until(socket)).toMatch(/^HTTP\/1.1 431.*"code":"PAYLOAD_TOO_LARGE"/s);
    await app.close();
  });

  test('cuts off who does not take the answer', async () => {
    const { app, port } = await start();
    const ended = new Promise<void>((resolve) =>
      app.server.once('connection', (socket) => socket.once('close', () => resolve())),
    );
    const socket = (await open(port)).pause();
    socket.write('GET /large HTTP/1.1\r\nhost: merit\r\n\r\n');
    await ended;
    expect((await until(socket.resume())).length).toBeLessThan(32 * 1024 * 1024);
    await app.close();
  });

  test('closes the connections beyond its limit', async () => {
    const { app, port } = await start({ headersTimeoutMs: 3_000, requestTimeoutMs: 4_000 });
    const crowd = await Promise.all(Array.from({ length: 30 }, () => open(port)));
    const said = await Promise.all(crowd.map(until));
    expect(said.filter((text) => text.includes('REQUEST_TIMEOUT'))).toHaveLength(10);
    expect(said.filter((text) => text === '')).toHaveLength(20);
    const answer = await fetch(`http://127.0.0.1:${port}/nowhere`);
    expect(answer.status).toBe(404);
    await answer.arrayBuffer();
    await app.close();
  });
});
