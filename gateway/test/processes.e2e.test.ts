/** Two processes of the gateway behind one port: what they share, and that one may die. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Client } from 'undici';
import { freePorts } from '../../scripts/src/start.ports.js';
import { eventually } from './eventually.js';
import { type SmallSubgraph, startSubgraph } from './small-graph.js';

const PERSONNEL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { agency(id: ID!): Agency }
  type Agency @key(fields: "id") { id: ID! name: String! }`;
const script = fileURLToPath(new URL('../dist/index.js', import.meta.url));

let personnel: SmallSubgraph;
let gateway: ChildProcess;
let said = '';
let url: string;
const clients: Client[] = [];
/** A connection of its own. */
const connect = () => {
  const client = new Client(url, { keepAliveTimeout: 600_000, headersTimeout: 120_000, bodyTimeout: 120_000 });
  clients.push(client);
  return client;
};
const ask = async (client: Client, id: string) => {
  const body = JSON.stringify({ query: `{ agency(id: "${id}") { name } }` });
  const headers = { 'content-type': 'application/json' };
  const answer = await client.request({ path: '/graphql', method: 'POST', headers, body });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.json() };
};
/** How many queries have been answered, by the figures. */
async function counted(client: Client): Promise<number> {
  const answer = await client.request({ path: '/metrics', method: 'GET' });
  const found = (await answer.body.text()).matchAll(/^merit_request_seconds_count\{.*kind="query".*\} (\d+)$/gm);
  return [...found].reduce((sum, [, count]) => sum + Number(count), 0);
}
/** The process numbers of all that have ever listened. */
const pids = () =>
  said
    .split('\n')
    .filter((line) => line.includes('the gateway is listening'))
    .map((line) => (JSON.parse(line) as { pid: number }).pid);

beforeAll(async () => {
  personnel = await startSubgraph(PERSONNEL, { agency: { id: '1', name: 'Kota Contoh' } });
  const port = await freePorts();
  url = `http://127.0.0.1:${port}`;
  const nowhere = 'http://127.0.0.1:9/graphql';
  gateway = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PATH: process.env['PATH'], PORT: String(port), GATEWAY_PROCESSES: '2', GRAPHS: 'staff' },
      ...{ PERSONNEL_URL: personnel.url, PERFORMANCE_URL: nowhere, COMPETENCY_URL: nowhere, FEEDBACK_URL: nowhere },
      OIDC_ISSUER: 'http://127.0.0.1:9',
    },
  });
  gateway.stdout!.on('data', (text) => {
    said += text;
  });
  await eventually(async () => pids().length === 2, 120_000);
}, 150_000);
afterAll(async () => {
  await Promise.all(clients.map((client) => client.destroy()));
  gateway?.kill('SIGKILL');
  await personnel?.stop();
}, 60_000);

test('a caller has one account, and figures are the sum, whichever process is asked', async () => {
  const left: number[] = [];
  for (let n = 0; n < 6; n += 1) {
    const { status, headers, body } = await ask(connect(), '1');
    expect([status, body]).toEqual([200, { data: { agency: { name: 'Kota Contoh' } } }]);
    left.push(Number(/r=(\d+)/.exec(String(headers['ratelimit']))![1]));
  }
  const cost = left[0]! - left[1]!;
  expect(cost).toBeGreaterThan(0);
  expect(left).toEqual(left.map((_, n) => left[0]! - n * cost));
  for (const client of [connect(), connect()]) {
    // The last answer is counted when it has left.
    await eventually(async () => (await counted(client)) === 6, 30_000);
  }
}, 60_000);

test('kill -9 of one costs those whom it was serving and nobody else, and another takes its place', async () => {
  const held: ServerResponse[] = [];
  personnel.answerWith((response) => held.push(response));
  const asked = Array.from({ length: 8 }, (_, n) =>
    ask(connect(), String(n)).then(
      ({ status }) => status,
      () => 'broken' as const,
    ),
  );
  const settled: (number | 'broken')[] = [];
  for (const one of asked) void one.then((outcome) => settled.push(outcome));
  await eventually(async () => held.length === 8, 60_000);
  process.kill(pids()[0]!, 'SIGKILL');
  await eventually(async () => settled.length > 0, 60_000);
  await eventually(async () => pids().length === 3, 120_000);
  personnel.answerWith(null);
  const answer = '{"data":{"agency":{"id":"1","name":"late"}}}';
  for (const response of held) response.setHeader('content-type', 'application/json').end(answer);
  const outcomes = await Promise.all(asked);
  expect(outcomes.filter((outcome) => outcome === 'broken').length).toBeGreaterThan(0);
  expect(outcomes.filter((outcome) => outcome === 200).length).toBeGreaterThan(0);
  expect(new Set(outcomes)).toEqual(new Set(['broken', 200]));
  for (let n = 0; n < 4; n += 1) expect((await ask(connect(), '1')).status).toBe(200);
}, 300_000);

test('told to stop, they answer what is under way, and all are gone', async () => {
  const held: ServerResponse[] = [];
  personnel.answerWith((response) => held.push(response));
  const asked = Array.from({ length: 4 }, (_, n) => ask(connect(), `stop ${n}`));
  await eventually(async () => held.length === 4, 60_000);
  const ended = once(gateway, 'exit');
  gateway.kill('SIGTERM');
  await eventually(async () => said.split('"msg":"stopping"').length > 3, 60_000); // the keeper and both
  for (const response of held) {
    response.setHeader('content-type', 'application/json').end('{"data":{"agency":{"id":"1","name":"last"}}}');
  }
  for (const { body } of await Promise.all(asked)) expect(body).toEqual({ data: { agency: { name: 'last' } } });
  expect(await ended).toEqual([0, null]);
  for (const pid of pids()) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
}, 120_000);
