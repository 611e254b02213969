import { once } from 'node:events';
import { connect } from 'node:net';
import { jest } from '@jest/globals';
import { registry } from '@merit/chassis/telemetry';
import { freePort } from '@merit/infra/process';
import { pino } from 'pino';
import { figures } from '../src/figures.js';
import { eventually } from './eventually.js';
import { answerOf, type SmallGraph, startSmallGraph } from './small-graph.js';

const employeeId = '0190c0de-0000-7000-8000-000000000001';
let graph: SmallGraph;
let bearer: string;
beforeAll(async () => {
  graph = await startSmallGraph({ employee: { id: '1', name: 'Ani' }, slow: 'here' }, { score: 91.43 });
  bearer = `Bearer ${await graph.token({ sub: 'ani', merit_employee: employeeId })}`;
});
afterAll(() => graph.stop());

const raw = async (init: RequestInit, path = '/graphql') => answerOf(await fetch(`${graph.url}${path}`, init));
const json = { 'content-type': 'application/json' };

describe('what a service is told', () => {
  test('is the token and why they ask, the request id, the trace and nothing else of the client', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    graph.scores.asked.length = 0;
    const { headers } = await graph.ask('{ employee(id: "1") { score } }', {
      headers: {
        authorization: bearer,
        traceparent,
        cookie: 'a=b',
        'x-forwarded-for': '10.0.0.1',
        'x-merit-role': 'ADMIN',
        'x-merit-purpose': 'quarterly talk',
      },
    });
    const sent = graph.scores.asked[0]!.headers;
    expect(Object.keys(sent).sort()).toEqual(
      [
        'accept',
        'authorization',
        'connection',
        'content-length',
        'content-type',
        'host',
        'traceparent',
        'x-merit-purpose',
        'x-request-id',
      ].sort(),
    );
    expect(sent).toMatchObject({ authorization: bearer, traceparent, 'x-request-id': headers.get('x-request-id') });
    expect(sent['x-merit-purpose']).toBe('quarterly talk');
  });

  test('no purpose that is too long: it is refused before anyone is asked', async () => {
    graph.people.asked.length = 0;
    const { status, body } = await graph.ask('{ slow }', { headers: { 'x-merit-purpose': 'a'.repeat(201) } });
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'TEXT_TOO_LONG']);
    expect(graph.people.asked).toEqual([]);
  });

  test('has no token for the public, and a trace of our own where the client’s is malformed', async () => {
    graph.people.asked.length = 0;
    await graph.ask('{ slow }', { headers: { traceparent: 'mine\tand no other' } });
    const sent = graph.people.asked[0]!.headers;
    expect(sent.authorization).toBeUndefined();
    expect(sent['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});

describe('a token', () => {
  test.each<[string, () => Promise<string> | string]>([
    ['that expired', async () => `Bearer ${await graph.token({ sub: 'ani' }, { expires: '-5m' })}`],
    ['for another audience', async () => `Bearer ${await graph.token({ sub: 'ani' }, { audience: 'other' })}`],
    ['that is none', () => 'Bearer nonsense'],
    ['without a signature', () => `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
    ['of another scheme', () => 'Basic YW5pOnNlY3JldA=='],
  ])('%s is 401, and no service hears of the request', async (_, make) => {
    graph.people.asked.length = 0;
    const { status, body, headers } = await graph.ask('{ slow }', { headers: { authorization: await make() } });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(graph.people.asked).toEqual([]);
  });

  test('whose issuer was never reached is 503, and the public is served all the same', async () => {
    const orphan = await startSmallGraph({ slow: 'here' }, {});
    const token = await orphan.token({ sub: 'ani' });
    await orphan.stopIssuer();
    const { status, body } = await orphan.ask('{ slow }', { headers: { authorization: `Bearer ${token}` } });
    expect([status, body.errors[0].extensions.code]).toEqual([503, 'IDENTITY_UNAVAILABLE']);
    expect((await orphan.ask('{ slow }')).body).toEqual({ data: { slow: 'here' } });
    await orphan.stop();
  });
});

describe('time', () => {
  test('a service that is late costs its own fields, with TIMEOUT', async () => {
    const late = await startSmallGraph({ employee: { id: '1', name: 'Ani' } }, {}, { subgraphTimeoutMs: 150 });
    late.scores.answerWith(() => undefined); // holds the line and says nothing
    const { body } = await late.ask('{ employee(id: "1") { name score } }');
    expect(body.data).toEqual({ employee: { name: 'Ani', score: null } });
    expect(body.errors).toEqual([
      expect.objectContaining({ path: ['employee', 'score'], extensions: { code: 'TIMEOUT' } }),
    ]);
    await late.stop();
  });

  test('the whole request has an end, however many services it waits for', async () => {
    const late = await startSmallGraph({}, {}, { subgraphTimeoutMs: 60_000, requestTimeoutMs: 200 });
    late.people.answerWith(() => undefined);
    const started = Date.now();
    const { body } = await late.ask('mutation { dawdle }');
    expect(body.errors[0]).toMatchObject({ path: ['dawdle'], extensions: { code: 'TIMEOUT' } });
    expect(body.errors[0].message).toMatch(/may have been made.*idempotencyKey/);
    expect(Date.now() - started).toBeLessThan(20_000);
    await late.stop();
  });
});

test('one caller has half of the places, all together have all, and room is made when others end', async () => {
  const small = await startSmallGraph({ slow: 'here' }, {}, { mostUnderWay: 4 });
  const held: (() => void)[] = [];
  small.people.answerWith((response) =>
    held.push(() => response.setHeader('content-type', 'application/json').end('{"data":{"slow":"late"}}')),
  );
  const asSomeone = async (sub: string) => ({ headers: { authorization: `Bearer ${await small.token({ sub })}` } });
  const [one, other, third] = [await asSomeone('one'), await asSomeone('other'), await asSomeone('third')];
  const turnedAway = async (options: typeof one) => {
    const { status, body, headers } = await small.ask('{ slow }', options);
    expect([status, body.errors[0].extensions.code, headers.get('retry-after')]).toEqual([503, 'OVERLOADED', '1']);
  };
  const waiting = [small.ask('{ slow }', one), small.ask('{ slow }', one)];
  await eventually(async () => held.length === 2);
  await turnedAway(one);
  waiting.push(small.ask('{ slow }', other), small.ask('{ slow }', other));
  await eventually(async () => held.length === 4);
  await turnedAway(third);
  for (const release of held) release();
  expect((await Promise.all(waiting)).map(({ body }) => body.data.slow)).toEqual(Array(4).fill('late'));
  small.people.answerWith(null);
  expect((await small.ask('{ slow }', one)).body.data.slow).toBe('here');
  await small.stop();
});

describe('a request that is none', () => {
  test.each<[string, RequestInit, number, string]>([
    ['no JSON', { method: 'POST', headers: json, body: '{"query":' }, 400, 'BAD_REQUEST'],
    ['an empty body', { method: 'POST', headers: json, body: '' }, 400, 'BAD_REQUEST'],
    ['no query', { method: 'POST', headers: json, body: '{}' }, 400, 'BAD_REQUEST'],
    ['a batch', { method: 'POST', headers: json, body: '[{"query":"{slow}"}]' }, 400, 'BAD_REQUEST'],
    [
      'a form',
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={slow}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'text, as any page may send it',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{slow}"}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a poisoned prototype',
      { method: 'POST', headers: json, body: '{"query":"{slow}","__proto__":{"a":1}}' },
      400,
      'BAD_REQUEST',
    ],
    [
      '2 MB',
      {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ query: '{slow}', variables: { x: 'x'.repeat(2 ** 21) } }),
      },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['PUT', { method: 'PUT', headers: json, body: '{"query":"{slow}"}' }, 405, 'BAD_REQUEST'],
    [
      'a persisted query',
      { method: 'POST', headers: json, body: '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}' },
      200,
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ],
  ])('%s', async (_, init, status, code) => {
    const answer = await raw(init);
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([status, code]);
    expect(answer.body.errors[0].message).not.toMatch(/fastify|FST_|secure-json/i);
  });

  test('an unknown address has the same shape', async () => {
    const { status, body } = await raw({}, '/nowhere');
    expect([status, body.errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
  });

  test('a GET changes nothing, and without a header that a page cannot send it asks nothing', async () => {
    const change = encodeURIComponent('mutation { dawdle }');
    expect((await raw({ headers: { 'apollo-require-preflight': '1' } }, `/graphql?query=${change}`)).status).toBe(405);
    expect((await raw({}, '/graphql?query=%7Bslow%7D')).status).toBe(400);
    const asked = await raw({ headers: { 'apollo-require-preflight': '1' } }, '/graphql?query=%7Bslow%7D');
    expect(asked.body).toEqual({ data: { slow: 'here' } });
  });

  test('no other site is let in', async () => {
    const preflight = await raw({
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    const simple = await raw({
      method: 'POST',
      headers: { ...json, origin: 'https://evil.example' },
      body: '{"query":"{slow}"}',
    });
    for (const { headers } of [preflight, simple]) expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('fragments that multiply are refused before they do', async () => {
    const level = (n: number) => `fragment f${n} on Employee { a: boss { ...f${n + 1} } b: boss { ...f${n + 1} } }`;
    const bomb = `{ employee(id: "1") { ...f0 } } ${Array.from({ length: 30 }, (_, n) => level(n)).join(' ')} fragment f30 on Employee { name }`;
    const { status, body } = await graph.ask(bomb);
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  });

  test('what is not even HTTP is answered in the same shape', async () => {
    const socket = connect(Number(new URL(graph.url).port), '127.0.0.1');
    socket.write('NONSENSE\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400.*"code":"BAD_REQUEST"/s);
  });
});

test('a line in the log has an operation’s name to its hundredth character, however long it is', async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const noted = await startSmallGraph({ slow: 'here' }, {}, { log });
  expect((await noted.ask(`query ${'N'.repeat(90_000)} { slow }`)).status).toBe(200);
  await noted.stop();
  const [line] = lines.filter((each) => each.includes('"msg":"request"'));
  expect(JSON.parse(line!).operation).toBe('N'.repeat(100));
});

describe('health and figures', () => {
  test('it is live and ready without any service, and counts', async () => {
    const alone = await startSmallGraph({}, {});
    await Promise.all([alone.people.stop(), alone.scores.stop()]);
    await alone.ask('{ slow }');
    const at = (path: string) => fetch(`${alone.url}${path}`);
    expect((await at('/health/live')).status).toBe(200);
    expect(await (await at('/health/ready')).json()).toEqual({
      status: 'ready',
      checks: { running: true, graph: true },
    });
    expect(await (await at('/metrics')).text()).toMatch(
      /merit_gateway_subgraph_seconds_count\{subgraph="people",outcome="failed"\} \d/,
    );
    await alone.stop();
  });

  test('figures have a port of their own where one is named, and strangers at the graph’s are told none', async () => {
    const port = await freePort();
    const apart = await startSmallGraph({ slow: 'here' }, {}, { metrics: { host: '127.0.0.1', port } });
    await apart.ask('{ slow }');
    expect((await fetch(`${apart.url}/metrics`)).status).toBe(404);
    const own = `http://127.0.0.1:${port}`;
    expect(await (await fetch(`${own}/metrics`)).text()).toMatch(/^merit_request_seconds_count\{/m);
    expect((await fetch(`${own}/graphql`)).status).toBe(404);
    await apart.stop();
    await expect(fetch(`${own}/metrics`)).rejects.toThrow();
  });

  test('figures are gathered once for all who ask at the same time', async () => {
    const gather = jest.spyOn(registry, 'metrics');
    const texts = await Promise.all([figures(), figures(), figures()]);
    expect(new Set(texts).size).toBe(1);
    expect(gather).toHaveBeenCalledTimes(1);
    await figures();
    expect(gather).toHaveBeenCalledTimes(2);
    gather.mockRestore();
  });

  test('stopping, it answers what is under way and takes nothing new', async () => {
    const leaving = await startSmallGraph({}, {});
    let release: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      leaving.people.answerWith((response) => {
        release = () => response.setHeader('content-type', 'application/json').end('{"data":{"slow":"at last"}}');
        resolve();
      });
    });
    const underWay = leaving.ask('{ slow }');
    await reached;
    const stopped = leaving.stopGateway();
    release();
    expect((await underWay).body).toEqual({ data: { slow: 'at last' } });
    await stopped;
    await expect(leaving.ask('{ slow }')).rejects.toThrow();
    await leaving.stop();
  });
});

describe('development', () => {
  const introspection = '{ __schema { queryType { name } } }';

  test('offers GraphiQL with ready queries, all of it from here, and introspection', async () => {
    const open = await startSmallGraph({}, {}, { development: true });
    const at = (path: string) => fetch(`${open.url}${path}`, { redirect: 'manual' });
    expect((await at('/')).headers.get('location')).toBe('/graphiql');
    const page = await at('/graphiql');
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(html).not.toMatch(/https?:\/\//);
    for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      const file = await at(path!);
      expect(file.status).toBe(200);
      await file.arrayBuffer(); // an answer that nobody reads holds its connection, and so the stop
    }
    const tabs = (await (await at('/graphiql/examples.json')).json()) as { query: string }[];
    expect(tabs.map(({ query }) => query).join()).toContain('query Person($id: ID!)');
    expect((await open.ask(introspection)).status).toBe(200);
    await open.stop();
  });

  test('shows the events as a page that fetches and runs nothing, and their document', async () => {
    const open = await startSmallGraph({}, {}, { development: true });
    const page = await fetch(`${open.url}/events`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).toContain('merit.competency.v1.TrainingCompleted');
    expect(html).not.toMatch(/<script|\ssrc=|href="(?!#|data:)/);
    const document = await fetch(`${open.url}/events/asyncapi.yaml`);
    expect(await document.text()).toContain('asyncapi: 3.0.0');
    await open.stop();
  });

  test('is not what production is', async () => {
    expect((await raw({}, '/graphiql')).status).toBe(404);
    expect((await raw({}, '/events')).status).toBe(404);
    expect((await graph.ask(introspection)).status).toBe(400);
  });
});
