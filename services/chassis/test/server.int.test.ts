import { once as event } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import type { GraphQLSchema } from 'graphql';
import pg from 'pg';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import type { ServiceContext } from '../src/api/context.js';
import { type RunningServer, startServer } from '../src/api/server.js';
import { chassisMigrations } from '../src/database.js';
import { DomainError, requireText } from '../src/errors.js';
import { describeError } from '../src/log.js';
import { testDatabase } from '../src/testing.js';
import { eventually } from './eventually.js';
import { type Issuer, startIssuer } from './issuer.js';

/** A vocabulary of access that lets everyone see everything: judging it is tested where it is. */
const protect = Object.assign((schema: GraphQLSchema) => schema, {
  typeDefs: 'directive @access(to: [String!]!) on OBJECT',
});
const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
  type Query { viewer: String! purpose: String traceparent: String day(on: LocalDate!): LocalDate moment: DateTime fails: Int lost(how: String!): Int slow: Int page: PageInfo }
  type Mutation { name(input: NameInput!): String rule(code: String!): String }
  input NameInput { name: String!, age: Int, left: Boolean! = false }
`;

/** As when the database is restarted: during a query, between two of a transaction, and while nothing was asked. */
const losses: Record<string, (db: DataSource) => Promise<unknown>> = {
  'during a query': (db) => db.query('select pg_terminate_backend(pg_backend_pid())'),
  'amid a transaction': (db) =>
    db.transaction(async (tx) => {
      const [{ pid }] = await tx.query('select pg_backend_pid() as pid');
      await db.query('select pg_terminate_backend($1)', [pid]);
      await eventually(() => tx.queryRunner?.isReleased === true);
      return tx.query('select 1');
    }),
  'before it was used': async (db) => {
    const client = new pg.Client({ connectionString: (db.options as { url: string }).url });
    await client.connect();
    await client.end();
    return client.query('select 1');
  },
};

/** Requests to `slow` wait here until they are let go. */
const gate = { waiting: 0, arrived: () => {}, open: () => {}, opened: Promise.resolve() };
const resolvers = {
  Query: {
    viewer: (_: unknown, __: unknown, { viewer }: ServiceContext) =>
      'subject' in viewer ? viewer.subject : viewer.kind,
    purpose: (_: unknown, __: unknown, { purpose }: ServiceContext) => purpose,
    traceparent: (_: unknown, __: unknown, { traceparent }: ServiceContext) => traceparent,
    day: (_: unknown, { on }: { on: string }) => on,
    moment: () => new Date('2026-03-04T05:06:07.008Z'),
    fails: (_: unknown, __: unknown, { db }: ServiceContext) => db.query('select $1::int', ['Ani Wijaya']),
    lost: (_: unknown, { how }: { how: string }, { db }: ServiceContext) => losses[how]?.(db),
    slow: async () => {
      gate.waiting += 1;
      gate.arrived();
      await gate.opened;
      return 1;
    },
  },
  Mutation: {
    name: (_: unknown, { input }: { input: { name: string } }) => requireText(input.name, 'name', { max: 50 }),
    rule: (_: unknown, { code }: { code: string }) => {
      throw new DomainError(code, 'No.', { field: 'code' });
    },
  },
};

const database = testDatabase({ entities: [], migrations: [chassisMigrations] });
const lines: Record<string, unknown>[] = [];
const log = pino(
  { level: 'debug', serializers: { err: describeError } },
  new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  }),
);
const checks: Record<string, boolean> = { relay: true };

let issuer: Issuer;
let server: RunningServer;
const start = (over = {}) =>
  startServer({
    name: 'test',
    port: 0,
    host: '127.0.0.1',
    typeDefs,
    resolvers,
    protect,
    db: database.db,
    identity: { issuer: issuer.issuer, audience: 'merit' },
    firstAdmin: null,
    ready: async () => checks,
    log,
    bodyLimit: 10_000,
    ...over,
  });
beforeAll(async () => {
  issuer = await startIssuer();
  server = await start();
});
afterAll(async () => {
  await server.stop();
  await issuer.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer has whatever shape its request asks for
  readonly body: any;
}
async function send(init: RequestInit, path = '/graphql'): Promise<Answer> {
  const response = await fetch(server.url + path, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const post = (body: unknown, headers: Record<string, string> = {}) =>
  send({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const signedIn = async (sub: string) => ({ authorization: `Bearer ${await issuer.token({ sub })}` });
/** The code of the only error. */
const codeOf = ({ body }: Answer) => (body.errors.length === 1 ? body.errors[0].extensions.code : body.errors);

describe('a request', () => {
  test('is answered to the viewer of its token', async () => {
    expect((await post({ query: '{ viewer }' })).body).toEqual({ data: { viewer: 'PUBLIC' } });
    expect((await post({ query: '{ viewer }' }, await signedIn('ani'))).body).toEqual({ data: { viewer: 'ani' } });
  });

  test('carries its trace, when that has the right form', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const ask = (header: string) => post({ query: '{ traceparent }' }, { traceparent: header });
    expect((await ask(traceparent)).body.data).toEqual({ traceparent });
    expect((await ask('00-00000000000000000000000000000000-b7ad6b7169203331-01')).body.data).toEqual({
      traceparent: null,
    });
    expect((await ask('x; drop table')).body.data).toEqual({ traceparent: null });
  });

  test('carries why it is made, in UTF-8; what is no such text is refused before the body is read', async () => {
    const ask = (said: string) =>
      post({ query: '{ purpose }' }, { 'x-merit-purpose': Buffer.from(said, 'utf8').toString('latin1') });
    expect((await post({ query: '{ purpose }' })).body.data).toEqual({ purpose: null });
    expect((await ask('')).body.data).toEqual({ purpose: null });
    expect((await ask('penilaian kinerja – triwulan II')).body.data).toEqual({
      purpose: 'penilaian kinerja – triwulan II',
    });
    expect((await ask('é'.repeat(200))).body.data).toEqual({ purpose: 'é'.repeat(200) });
    const refusals = { ['é'.repeat(201)]: 'TEXT_TOO_LONG', 'a\u0085b': 'TEXT_INVALID' };
    for (const [said, code] of Object.entries(refusals)) {
      const answer = await ask(said);
      expect([answer.status, codeOf(answer)]).toEqual([400, code]);
    }
  });

  test('has days and moments as they are written', async () => {
    const query = 'query ($on: LocalDate!) { day(on: $on) moment }';
    expect((await post({ query, variables: { on: '2026-02-28' } })).body).toEqual({
      data: { day: '2026-02-28', moment: '2026-03-04T05:06:07.008Z' },
    });
    expect(codeOf(await post({ query, variables: { on: '2026-02-30' } }))).toBe('BAD_USER_INPUT');
  });

  test('may be a GET that no foreign page can send', async () => {
    const path = `/graphql?query=${encodeURIComponent('{ viewer }')}`;
    expect((await send({ headers: { 'apollo-require-preflight': '1' } }, path)).body).toEqual({
      data: { viewer: 'PUBLIC' },
    });
    expect(await send({}, path)).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    });
  });
});

describe('what must be written down before an answer leaves', () => {
  test('is, by the operation’s name; else nothing leaves, and the log says why', async () => {
    const seen: unknown[] = [];
    let fails = false;
    const record = async ({ requestId }: ServiceContext, operation: string | null) => {
      seen.push([requestId, operation]);
      if (fails) throw new Error('no space left on device db-3');
    };
    const strict = await start({ protect: Object.assign((schema: GraphQLSchema) => schema, protect, { record }) });
    const ask = async () => {
      const response = await fetch(`${strict.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': 'held-back-1' },
        body: JSON.stringify({ query: 'query Who { viewer fails }' }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    };
    expect(JSON.parse((await ask()).text).data).toEqual({ viewer: 'PUBLIC', fails: null });
    fails = true;
    const { status, headers, text } = await ask();
    await strict.stop();
    expect([status, headers.get('retry-after'), Object.keys(JSON.parse(text))]).toEqual([503, '1', ['errors']]);
    expect(JSON.parse(text).errors.map(({ extensions }: { extensions: object }) => extensions)).toEqual([
      { code: 'ACCESS_NOT_LOGGED', params: {} },
    ]);
    expect(text).not.toContain('db-3');
    expect(seen).toEqual([
      ['held-back-1', 'Who'],
      ['held-back-1', 'Who'],
    ]);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'an answer was held back', requestId: 'held-back-1', operation: 'Who' }),
    );
  });
});

describe('a bad token', () => {
  test('is 401, before the body is read', async () => {
    const answer = await post('x'.repeat(20_000), { authorization: 'Bearer a.b.c' });
    expect(answer).toMatchObject({
      status: 401,
      body: {
        errors: [
          { message: 'The token is not valid or has expired. Sign in again.', extensions: { code: 'UNAUTHENTICATED' } },
        ],
      },
    });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('is 503 when the identity provider cannot be asked', async () => {
    const lonely = await start({ identity: { issuer: 'http://127.0.0.1:9', audience: 'merit' } });
    const response = await fetch(`${lonely.url}/graphql`, { method: 'POST', headers: await signedIn('ani') });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'IDENTITY_UNAVAILABLE' } }] });
    await lonely.stop();
  });
});

describe('what is not understood gets an error of the same shape', () => {
  const json = { 'content-type': 'application/json' };
  test.each<[string, RequestInit, number, string]>([
    ['malformed JSON', { method: 'POST', headers: json, body: '{"query": ' }, 400, 'BAD_REQUEST'],
    ['nothing', { method: 'POST', headers: json, body: '' }, 400, 'BAD_REQUEST'],
    [
      'a body that poisons prototypes',
      { method: 'POST', headers: json, body: '{"__proto__": {"a": 1}}' },
      400,
      'BAD_REQUEST',
    ],
    ['no query', { method: 'POST', headers: json, body: '{}' }, 400, 'BAD_REQUEST'],
    ['several at once', { method: 'POST', headers: json, body: '[{"query":"{ viewer }"}]' }, 400, 'BAD_REQUEST'],
    [
      'a form',
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={viewer}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'plain text',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{ viewer }"}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'too much',
      { method: 'POST', headers: json, body: JSON.stringify({ query: 'x'.repeat(10_000) }) },
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['another method', { method: 'DELETE' }, 404, 'NOT_FOUND'],
    [
      'malformed GraphQL',
      { method: 'POST', headers: json, body: '{"query":"{ viewer "}' },
      400,
      'GRAPHQL_PARSE_FAILED',
    ],
    [
      'a field that is not there',
      { method: 'POST', headers: json, body: '{"query":"{ viewr }"}' },
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'an unknown operation',
      { method: 'POST', headers: json, body: '{"query":"query A { viewer }","operationName":"B"}' },
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'a stored query',
      { method: 'POST', headers: json, body: '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}' },
      200,
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ],
  ])('%s', async (_, init, status, code) => {
    const answer = await send(init);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(
      Object.keys(answer.body.errors[0]).filter((key) => !['message', 'extensions', 'locations'].includes(key)),
    ).toEqual([]);
    expect(JSON.stringify(answer.body)).not.toMatch(/Did you mean|viewer\?|stack|node_modules|fastify/i);
  });

  test('an unknown address', async () => {
    expect(await send({}, '/nowhere')).toMatchObject({
      status: 404,
      body: { errors: [{ extensions: { code: 'NOT_FOUND' } }] },
    });
    expect(await send({}, '/%zz')).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    });
  });

  test.each([
    ['no HTTP', 'HELLO\r\n\r\n'],
    [
      'a host that is none',
      'POST /graphql HTTP/1.1\r\nhost: [\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"query":"{viewer}"}',
    ],
  ])('%s', async (_, text) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(text);
    const [chunk] = await event(socket, 'data');
    socket.destroy();
    expect(String(chunk)).toMatch(/^HTTP\/1.1 400 /);
    expect(String(chunk)).toContain('"code":"BAD_REQUEST"');
  });
});

describe('an error', () => {
  const rename = (name: unknown, age: unknown = 1) =>
    post({ query: 'mutation ($input: NameInput!) { name(input: $input) }', variables: { input: { name, age } } });

  test('of a rule keeps its code, field and path, in a good answer', async () => {
    const answer = await rename(' ');
    expect(answer.status).toBe(200);
    expect(answer.body.errors).toEqual([
      {
        message: 'name may not be empty.',
        path: ['name'],
        locations: [{ line: 1, column: 33 }],
        extensions: { code: 'TEXT_REQUIRED', field: 'name', params: { field: 'name' } },
      },
    ]);
  });

  test.each([
    ['a\u0000b', 'TEXT_INVALID'],
    ['x'.repeat(51), 'TEXT_TOO_LONG'],
  ])('of a text %j has a code', async (name, code) => {
    expect(codeOf(await rename(name))).toBe(code);
  });

  test('of a variable names its field', async () => {
    const { status, body } = await rename('Ani', 'ten');
    expect([status, body.errors[0].extensions]).toEqual([400, { code: 'BAD_USER_INPUT', field: 'age' }]);
  });

  const register = 'mutation ($input: NameInput!) { name(input: $input) }';
  test.each([
    ['beside the fault', register, '{"input":{"name":"198501012010011001","aeg":1}}', 'BAD_USER_INPUT'],
    ['that is the fault', register, '{"input":{"name":198501012010011001}}', 'BAD_USER_INPUT'],
    ['of another type', register, '{"input":"198501012010011001"}', 'BAD_USER_INPUT'],
    ['in the document', 'mutation { name(input: { name: 198501012010011001 }) }', '{}', 'GRAPHQL_VALIDATION_FAILED'],
    ['that breaks the document', 'mutation { name "198501012010011001" }', '{}', 'GRAPHQL_PARSE_FAILED'],
    [
      'that a variable makes wrong',
      'mutation ($left: Boolean) { name(input: { name: "198501012010011001", left: $left }) }',
      '{"left":null}',
      'INTERNAL_SERVER_ERROR',
    ],
  ])('says nothing of an identity number %s, and neither does the log', async (_, query, variables, code) => {
    lines.length = 0;
    const answer = await post(`{"query":${JSON.stringify(query)},"variables":${variables}}`);
    expect(codeOf(answer)).toBe(code);
    await eventually(() => lines.some(({ msg }) => msg === 'request'));
    expect(JSON.stringify([answer.body, lines])).not.toContain('198501012010011');
  });

  test('of ours shows a request id that finds it in the log, and nothing of the inside', async () => {
    const { body } = await post({ query: 'query Broken { fails }' });
    const { requestId } = body.errors[0].extensions;
    expect(body).toEqual({
      data: { fails: null },
      errors: [
        {
          message: 'Something went wrong on our side. Try again; if it happens again, report the request id.',
          path: ['fails'],
          locations: [{ line: 1, column: 16 }],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
        },
      ],
    });
    const line = lines.find((line) => line['requestId'] === requestId && line['msg'] === 'a field failed');
    expect(line).toMatchObject({
      operation: 'Broken',
      path: ['fails'],
      err: { code: '22P02', message: 'SQLSTATE 22P02' },
    });
  });

  test.each(Object.keys(losses))('of a database that was gone %s says to ask again', async (how) => {
    lines.length = 0;
    const answer = await post({ query: 'query ($how: String!) { lost(how: $how) }', variables: { how } });
    expect([codeOf(answer), answer.body.data]).toEqual(['SERVICE_UNAVAILABLE', { lost: null }]);
    expect(answer.body.errors[0].message).not.toMatch(/ECONN|terminat|127/);
    expect(lines.map(({ msg }) => msg)).toContain('a field failed');
    expect((await post({ query: '{ viewer }' })).body.data).toEqual({ viewer: 'PUBLIC' });
  });

  test('with words of an outage in it, sent by a client, is the client’s', async () => {
    const query = 'query ($on: LocalDate!) { day(on: $on) }';
    expect(codeOf(await post({ query, variables: { on: 'not connected' } }))).toBe('BAD_USER_INPUT');
  });

  test('that there is too much work is 503, and says when to come back', async () => {
    const query = 'mutation ($code: String!) { rule(code: $code) }';
    const answer = await post({ query, variables: { code: 'OVERLOADED' } });
    expect([answer.status, answer.headers.get('retry-after'), codeOf(answer)]).toEqual([503, '1', 'OVERLOADED']);
    expect((await post({ query, variables: { code: 'CONFLICT' } })).status).toBe(200);
  });
});

test('each request leaves one line, with its operation and nobody’s name or token', async () => {
  const requestId = 'abcdef-0123456789';
  lines.length = 0;
  const headers = await signedIn('ani-wijaya');
  await post({ query: 'query Mine { viewer fails }' }, { ...headers, 'x-request-id': requestId });
  const mine = lines.filter((line) => line['requestId'] === requestId && line['msg'] === 'request');
  expect(mine).toEqual([
    expect.objectContaining({
      operation: 'Mine',
      kind: 'query',
      status: 200,
      method: 'POST',
      path: '/graphql',
      codes: ['INTERNAL_SERVER_ERROR'],
    }),
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/ani-wijaya|Bearer|Ani Wijaya/);
});

test('an operation’s name is written down to its hundredth character, however long it is', async () => {
  lines.length = 0;
  await post({ query: `query ${'N'.repeat(5_000)} { viewer fails }` });
  const named = lines.filter(({ operation }) => operation !== undefined);
  expect(named.map(({ msg, operation }) => [msg, operation])).toEqual([
    ['a field failed', 'N'.repeat(100)],
    ['request', 'N'.repeat(100)],
  ]);
});

describe('the schema', () => {
  const introspect = { query: '{ __schema { queryType { name } } }' };
  test('can be asked for in development, not in production', async () => {
    expect((await post(introspect)).body).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    const production = await start();
    process.env['NODE_ENV'] = before;
    const body = JSON.stringify(introspect);
    const response = await fetch(`${production.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    ]);
    await production.stop();
  });
});

describe('health', () => {
  test('is live, and ready when every check is', async () => {
    expect(await send({}, '/health/live')).toMatchObject({ status: 200, body: { status: 'live' } });
    expect(await send({}, '/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', checks: { running: true, database: true, relay: true } },
    });
    checks['relay'] = false;
    expect(await send({}, '/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'not ready', checks: { relay: false } },
    });
    checks['relay'] = true;
  });

  test('has figures for Prometheus', async () => {
    await post({ query: '{ viewer }' });
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(/merit_request_seconds_count\{kind="query",status="200"\} \d+/);
    expect(text).toMatch(/merit_request_errors_total\{code="TEXT_REQUIRED"\} \d+/);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });
});

test('a stop answers what was begun, takes nothing new, and ends', async () => {
  const ending = await start();
  const { promise: arrived, resolve } = withResolvers();
  const opened = withResolvers();
  gate.arrived = resolve;
  gate.opened = opened.promise;
  const begun = fetch(`${ending.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ slow }' }),
  });
  await arrived;
  const stopped = ending.stop();
  await expect(fetch(`${ending.url}/health/live`)).rejects.toThrow();
  opened.resolve();
  expect(await (await begun).json()).toEqual({ data: { slow: 1 } });
  const began = performance.now();
  await stopped;
  expect(performance.now() - began).toBeLessThan(30_000); // and not when the client lets go of its connection
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
