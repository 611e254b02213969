/** The limits as a client meets them, on each contract; no service is up, for none is asked. */
import { gzipSync } from 'node:zlib';
import { PUBLIC, type Viewer } from '@merit/chassis/api/viewer';
import { createLog, type Logger } from '@merit/chassis/log';
import { getIntrospectionQuery } from 'graphql';
import { pino } from 'pino';
import { type ContractName, readContracts } from '../src/contracts.js';
import { LIMITS, type Limits } from '../src/limits.js';
import { startGateway } from '../src/server.js';
import { type Answer, answerOf } from './small-graph.js';

const NOWHERE = 'http://127.0.0.1:9/graphql';

const SIGNED_IN: Viewer = { kind: 'OPERATOR', subject: 'ani' };

async function start(
  limits: Partial<Limits> = {},
  trustedProxies: string[] = [],
  log: Logger = createLog('gateway', 'silent'),
  name: ContractName = 'public',
) {
  const [contract] = await readContracts([name], { development: false, origins: [] });
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    contracts: [{ ...contract!, limits: { ...contract!.limits, ...limits } }],
    subgraphs: { personnel: NOWHERE, performance: NOWHERE, competency: NOWHERE, feedback: NOWHERE },
    verify: async () => (name === 'public' ? PUBLIC : SIGNED_IN),
    log,
    development: false,
    trustedProxies,
    subgraphTimeoutMs: 1_000,
    requestTimeoutMs: 2_000,
  });
  const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> =>
    answerOf(
      await fetch(`${gateway.url}${contract!.prefix}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }),
    );
  return {
    stop: gateway.stop,
    post,
    ask: (query: string, headers?: Record<string, string>, variables?: object) =>
      post(JSON.stringify({ query, variables }), headers),
  };
}

const units = (first: number) => `{ units(first: ${first}) { edges { node { id name code kind version } } } }`;
const aliases = (count: number) =>
  `{ unit(id: "x") { ${Array.from({ length: count }, (_, n) => `a${n}: code`).join(' ')} } }`;
const roots = (count: number) => `{ ${Array.from({ length: count }, (_, n) => `a${n}: __typename`).join(' ')} }`;
const ancestors = (depth: number) =>
  `{ unit(id: "x") { ${'parent { '.repeat(depth - 2)} id ${'} '.repeat(depth - 2)} } }`;
const directives = (count: number) => `{ __typename ${'@include(if: true) '.repeat(count)} }`;

/** A request whose document has so many words and signs, in operations that are as short as can be. */
function words(count: number): string {
  const others = Math.floor(count / 5) - 1;
  const operations = Array.from({ length: others }, (_, n) => `query Q${n} { __typename }`).join(' ');
  return JSON.stringify({
    query: `${operations} query Q { ${'__typename '.repeat(count - others * 5 - 4)} }`,
    operationName: 'Q0',
  });
}
/** A request of so many bytes. */
function sized(bytes: number): string {
  const bare = JSON.stringify({ query: '{ __typename }', variables: { x: '' } });
  return bare.replace('"x":""', `"x":"${'y'.repeat(bytes - bare.length)}"`);
}

describe('one operation', () => {
  let gateway: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    gateway = await start({ costPerMinute: 1_000_000 });
  }, 60_000);
  afterAll(() => gateway.stop());

  test.each<[string, string, string, object]>([
    ['depth', ancestors(8), ancestors(9), { limit: 'depth', found: 9, most: 8 }],
    ['aliases', aliases(15), aliases(16), { limit: 'aliases', found: 16, most: 15 }],
    ['rootFields', roots(5), roots(6), { limit: 'rootFields', found: 6, most: 5 }],
    [
      'cost',
      `{ ${Array(1).fill(units(100).slice(1, -1)).join()} __typename }`,
      units(100).replace('{ units', '{ agencies(first: 100) { edges { node { id name timeZone } } } units'),
      { limit: 'cost', found: 1202, most: 1000 },
    ],
  ])('%s just below is served, just above is refused by its name', async (_, below, above, params) => {
    expect((await gateway.ask(below)).body.errors?.[0]?.extensions.code).not.toBe('QUERY_TOO_LARGE');
    const { status, body } = await gateway.ask(above);
    expect([status, body.errors.length, body.errors[0].extensions]).toEqual([
      400,
      1,
      { code: 'QUERY_TOO_LARGE', params },
    ]);
    expect(body.data).toBeUndefined();
  });

  test.each<[string, string, string]>([
    ['selections', `{ unit(id: "x") ${'{ parent '.repeat(98)} { id } ${'} '.repeat(98)} }`, 'depth'],
    ['selections without a name', `{ ${'... { '.repeat(99)} __typename ${'} '.repeat(99)} }`, ''],
    ['a list', `{ unit(id: ${'['.repeat(98)}${']'.repeat(98)}) { id } }`, ''],
  ])('brackets in brackets, of %s', async (_, below, otherwise) => {
    const limitOf = (answer: Answer) => answer.body.errors?.[0].extensions.params?.limit ?? '';
    expect(limitOf(await gateway.ask(below))).toBe(otherwise);
    const above = await gateway.ask(below.replace('{', '{ ... { ').replace(/}$/, '} }'));
    expect([above.status, above.body.errors[0].extensions]).toEqual([
      400,
      { code: 'QUERY_TOO_LARGE', params: { limit: 'nesting', found: 101, most: 100 } },
    ]);
    const deep = await gateway.ask(`{ ${'... { '.repeat(600)} __typename ${'} '.repeat(600)} }`);
    expect([deep.status, limitOf(deep)]).toEqual([400, 'nesting']);
  });

  test('the schema: whole once, not over and over', async () => {
    expect((await gateway.ask(getIntrospectionQuery())).body.data.__schema.types.length).toBeGreaterThan(20);
    const over = async (query: string) => (await gateway.ask(query)).body.errors?.[0].extensions.params?.limit;
    const types = (n: number) => `a${n}: types { name fields { name } }`;
    expect(await over(`{ __schema { ${Array.from({ length: 15 }, (_, n) => types(n)).join(' ')} } }`)).toBeUndefined();
    expect(await over(`{ __schema { ${Array.from({ length: 16 }, (_, n) => types(n)).join(' ')} } }`)).toBe('aliases');
    const fields = (n: number) => `f${n}: fields { name args { type { name fields { name args { name } } } } }`;
    const many = Array.from({ length: 15 }, (_, n) => fields(n)).join(' ');
    expect(await over(`{ __schema { types { ${many} } } }`)).toBe('cost');
  });

  test('directives at one place', async () => {
    // The specification lets these two be used once at a place, so more of them do not even hold.
    const { status, body } = await gateway.ask(directives(6));
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  });

  test('cost is that of the coerced variables, and of their defaults', async () => {
    const query = `query ($n: Int = 100) { a: units(first: $n) { edges { node { id name code kind } } } b: units(first: $n) { edges { node { id name code kind } } } }`;
    expect((await gateway.ask(query)).body.errors[0].extensions.code).toBe('QUERY_TOO_LARGE');
    expect((await gateway.ask(query, {}, { n: 80 })).body.errors[0].extensions.code).not.toBe('QUERY_TOO_LARGE');
  });

  test('words and signs', async () => {
    expect((await gateway.post(words(1_000))).body.data).toEqual({ __typename: 'Query' });
    const { status, body } = await gateway.post(words(1_001));
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
  });

  test('bytes', async () => {
    expect((await gateway.post(sized(LIMITS.public.bodyBytes))).body.data).toEqual({ __typename: 'Query' });
    const { status, body } = await gateway.post(sized(LIMITS.public.bodyBytes + 1));
    expect([status, body.errors[0].extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  test('a compressed bomb is not even opened', async () => {
    const bomb = gzipSync(Buffer.from(`{"query":"{ __typename }"${' '.repeat(50_000_000)}}`));
    expect(bomb.length).toBeLessThan(LIMITS.public.bodyBytes);
    const { status, body } = await gateway.post(bomb, { 'content-encoding': 'gzip' });
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });

  test('fragments in a circle, and a batch', async () => {
    const circle = await gateway.ask(
      '{ unit(id: "x") { ...A } } fragment A on Unit { ...B } fragment B on Unit { ...A }',
    );
    expect([circle.status, circle.body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    const batch = await gateway.post(JSON.stringify(Array(10).fill({ query: '{ __typename }' })));
    expect([batch.status, batch.body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });
});

describe.each(['staff', 'partner'] as const)('one operation of the %s contract', (name) => {
  let gateway: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    gateway = await start({ costPerMinute: 10_000_000 }, [], createLog('gateway', 'silent'), name);
  }, 60_000);
  afterAll(() => gateway.stop());

  /** 14 times 701, 183, and 1 for each further field. */
  const costing = (cost: number) =>
    `{ ${Array.from({ length: 15 }, (_, n) => `u${n}: ${units(n < 14 ? 100 : 26).slice(1, -1)}`).join(' ')} ${roots(cost - 14 * 701 - 183).slice(1)}`;

  test.each<[string, (size: number) => string, number]>([
    ['depth', ancestors, 12],
    ['aliases', aliases, 30],
    ['rootFields', roots, 20],
    ['cost', costing, 10_000],
  ])('%s just below is served, just above is refused by its name', async (limit, of, most) => {
    expect((await gateway.ask(of(most))).body.errors?.[0]?.extensions.code).not.toBe('QUERY_TOO_LARGE');
    const { status, body } = await gateway.ask(of(most + 1));
    expect([status, body.errors[0].extensions]).toEqual([
      400,
      { code: 'QUERY_TOO_LARGE', params: { limit, found: most + 1, most } },
    ]);
  });

  test('words and signs, and bytes', async () => {
    expect((await gateway.post(words(5_000))).body.data).toEqual({ __typename: 'Query' });
    const wordy = await gateway.post(words(5_001));
    expect([wordy.status, wordy.body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
    expect((await gateway.post(sized(1024 * 1024))).body.data).toEqual({ __typename: 'Query' });
    const large = await gateway.post(sized(1024 * 1024 + 1));
    expect([large.status, large.body.errors[0].extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  test('what they may cost together in a minute', async () => {
    const own = await start({}, [], createLog('gateway', 'silent'), name);
    // To read 40,000 characters costs 10,000, whatever they say.
    const dear = `{ __typename } #${'.'.repeat(40_000)}`;
    for (let n = 1; n < 60; n += 1) expect((await own.ask(dear)).status).toBe(200);
    const last = await own.ask(dear);
    expect([last.status, last.headers.get('ratelimit-policy')]).toEqual([200, '"cost";q=600000;w=60']);
    expect(last.headers.get('ratelimit')).toMatch(/^"cost";r=0;t=\d+$/);
    const over = await own.ask('{ __typename }');
    expect([over.status, over.body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
    await own.stop();
  }, 60_000);
});

describe('a caller in a minute', () => {
  test('has an account, is told what is left of it, and waits when it is empty; others do not', async () => {
    const gateway = await start({ costPerMinute: 10 }, ['127.0.0.1']);
    const from = (ip: string) => ({ 'x-forwarded-for': ip });
    const first = await gateway.ask('{ a: __typename b: __typename c: __typename d: __typename }', from('203.0.113.1'));
    expect([first.status, first.headers.get('ratelimit-policy')]).toEqual([200, '"cost";q=10;w=60']);
    expect(first.headers.get('ratelimit')).toMatch(/^"cost";r=6;t=\d+$/);
    expect(
      (await gateway.ask('{ a: __typename b: __typename c: __typename d: __typename }', from('203.0.113.1'))).status,
    ).toBe(200);
    const { status, body, headers } = await gateway.ask(
      '{ a: __typename b: __typename c: __typename }',
      from('203.0.113.1'),
    );
    expect([status, body.errors[0].extensions.code, body.data]).toEqual([429, 'RATE_LIMITED', undefined]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body.errors[0].extensions.params.retryAfterSeconds).toBe(Number(headers.get('retry-after')));
    expect((await gateway.ask('{ __typename }', from('203.0.113.2'))).status).toBe(200);
    await gateway.stop();
  }, 60_000);

  test('pays for what does not hold as well', async () => {
    const gateway = await start({ costPerMinute: 50 });
    const codes: string[] = [];
    for (let n = 0; n < 4; n += 1) codes.push((await gateway.ask('{ nothing }')).body.errors[0].extensions.code);
    // The last is not even read any more.
    expect(codes).toEqual([...Array(3).fill('GRAPHQL_VALIDATION_FAILED'), 'RATE_LIMITED']);
    expect((await gateway.ask('{ __typename }')).status).toBe(429);
    await gateway.stop();
  }, 60_000);

  test('pays for a long document before it is read', async () => {
    const gateway = await start({ costPerMinute: 900 });
    // 8,000 characters that may all be merged cost 400.
    const long = `{ units(first: 1) { pageInfo { hasNextPage ${'endCursor '.repeat(800)} } } }`;
    const first = await gateway.ask(long);
    expect(first.headers.get('ratelimit')).toMatch(/r=(4|5)\d\d;/);
    const codes = [first, await gateway.ask(long), await gateway.ask(long)].map(
      ({ body }) => body.errors?.[0].extensions.code,
    );
    expect(codes.indexOf('RATE_LIMITED')).toBe(2);
    await gateway.stop();
  }, 60_000);

  test('has an address of IPv6 with its /64', async () => {
    const gateway = await start({ costPerMinute: 1 }, ['127.0.0.1']);
    const from = async (ip: string) => (await gateway.ask('{ __typename }', { 'x-forwarded-for': ip })).status;
    expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8:0:1::1')]).toEqual([
      200, 429, 200,
    ]);
    await gateway.stop();
  }, 60_000);

  test.each([
    ['no proxy is trusted', []],
    ['another proxy is trusted', ['10.0.0.0/8']],
  ])(
    'is its connection where %s, and the log says once that one may stand before us',
    async (_, trusted) => {
      const lines: string[] = [];
      const gateway = await start({ costPerMinute: 2 }, trusted, pino({}, { write: (line) => void lines.push(line) }));
      const warnings = () => lines.filter((line) => line.includes('TRUSTED_PROXIES')).length;
      expect([(await gateway.ask('{ __typename }')).status, warnings()]).toEqual([200, 0]);
      expect((await gateway.ask('{ __typename }', { 'x-forwarded-for': '203.0.113.1' })).status).toBe(200);
      expect((await gateway.ask('{ __typename }', { 'x-forwarded-for': '203.0.113.2' })).status).toBe(429);
      expect(warnings()).toBe(1);
      await gateway.stop();
    },
    60_000,
  );

  test('is whom the proxy names, and that is nothing to warn of', async () => {
    const lines: string[] = [];
    const gateway = await start({}, ['127.0.0.1'], pino({}, { write: (line) => void lines.push(line) }));
    expect((await gateway.ask('{ __typename }', { 'x-forwarded-for': '203.0.113.1' })).status).toBe(200);
    expect(lines.filter((line) => line.includes('TRUSTED_PROXIES'))).toEqual([]);
    await gateway.stop();
  }, 60_000);
});
