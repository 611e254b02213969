/** Known documents by GET: what is kept, what drops it, and what is answered while that is not known. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { PUBLIC } from '@merit/chassis/api/viewer';
import { createLog } from '@merit/chassis/log';
import type { ChunkHandler, EventTransport } from '@merit/chassis/transport/transport';
import { request } from 'undici';
import { readContracts } from '../src/contracts.js';
import { LIMITS, type Limits } from '../src/limits.js';
import { startGateway } from '../src/server.js';
import { type SmallSubgraph, startSubgraph } from './small-graph.js';

const AGENCIES = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
  type Query { agencies(first: Int, last: Int, after: String, before: String): AgencyConnection }
  type AgencyConnection { edges: [AgencyEdge!]! pageInfo: PageInfo! }
  type AgencyEdge { cursor: String! node: Agency! }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type Agency @key(fields: "id") { id: ID! name: String! timeZone: String! }`;

const PARTITIONS = 2;

/** A transport on which the test says what happens. */
function byHand() {
  const offsets = new Map<string, number>();
  let onChunk: ChunkHandler | undefined;
  let assignment = 1;
  let isReady = true;
  const transport: Pick<EventTransport, 'ensureTopics' | 'subscribe'> = {
    ensureTopics: async (topics) => new Map(topics.map((topic) => [topic, PARTITIONS])),
    subscribe: async (_group, _topics, handler) => {
      onChunk = handler;
      return { ready: () => isReady, stop: async () => undefined };
    },
  };
  const say = async (topic: string, partition: number, headers: Record<string, string>, at = new Date()) => {
    const name = `${topic}/${partition}`;
    const offset = offsets.get(name) ?? 100;
    const record = {
      key: 'k',
      headers: { ce_recordedtime: at.toISOString(), ...headers },
      value: new Uint8Array(),
      offset,
    };
    const watermarks = async () => ({ low: 0, high: offset + 1 });
    offsets.set(name, await onChunk!({ clusterId: 'c', topic, partition, records: [record], assignment, watermarks }));
  };
  return {
    transport: transport as EventTransport,
    event: (type: string, subject: string) => say('merit.personnel.v1', 0, { ce_type: type, ce_subject: subject }),
    /** Nothing more is to be told on any partition. */
    beat: async (at = new Date()) => {
      for (const topic of ['merit.personnel.v1', 'merit.feedback.v1']) {
        for (let n = 0; n < PARTITIONS; n += 1) await say(topic, n, { ce_type: 'merit.relay.v1.Heartbeat' }, at);
      }
    },
    reassign: () => (assignment += 1),
    disconnect: () => (isReady = false),
  };
}

describe('known documents', () => {
  let service: SmallSubgraph;
  let stream: ReturnType<typeof byHand>;
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  const names = ['Kota Binjai'];
  const begin = async (limits: Partial<Limits> = {}) => {
    names.splice(0, names.length, 'Kota Binjai');
    const agencies = () => ({
      edges: names.map((name, n) => ({ node: { id: `a${n}`, name, timeZone: 'Asia/Jakarta' } })),
      pageInfo: { hasNextPage: false, endCursor: null },
    });
    service = await startSubgraph(AGENCIES, { agencies });
    stream = byHand();
    const NOWHERE = 'http://127.0.0.1:9/graphql';
    const [contract] = await readContracts(['public'], { development: false, origins: [] });
    gateway = await startGateway({
      host: '127.0.0.1',
      port: 0,
      contracts: [{ ...contract!, limits: { ...LIMITS.public, ...limits } }],
      subgraphs: { personnel: service.url, performance: NOWHERE, competency: NOWHERE, feedback: NOWHERE },
      verify: async () => PUBLIC,
      log: createLog('gateway', 'silent'),
      development: false,
      trustedProxies: ['127.0.0.1'],
      events: { transport: stream.transport, group: 'g' },
      subgraphTimeoutMs: 1_000,
      requestTimeoutMs: 2_000,
    });
    await pause(0); // the stream joins
  };
  const end = async () => {
    await gateway.stop();
    await service.stop();
  };
  beforeEach(() => begin(), 60_000);
  afterEach(end);

  const get = async (query: string, headers: Record<string, string> = {}) => {
    const answer = await request(`${gateway.url}/public/graphql?${query}`, { headers });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString() };
  };
  const first = (text: string) => JSON.parse(text).data.agencies.edges[0].node.name;

  test('are answered, kept, and made anew after an event of what they show', async () => {
    await stream.beat();
    expect(first((await get('documentId=agencies')).text)).toBe('Kota Binjai');
    names[0] = 'Kota Binjai Baru';
    expect(first((await get('documentId=agencies')).text)).toBe('Kota Binjai');
    expect(service.asked).toHaveLength(1);
    await stream.event('merit.personnel.v1.UnitRegistered', 'unit/u1');
    expect(first((await get('documentId=agencies')).text)).toBe('Kota Binjai');
    await stream.event('merit.personnel.v1.AgencyRegistered', 'agency/a9');
    expect(first((await get('documentId=agencies')).text)).toBe('Kota Binjai Baru');
    expect(service.asked).toHaveLength(2);
  });

  test('are not kept before every partition was heard, nor when one is silent for long, nor without connection', async () => {
    const asks = async () => {
      const before = service.asked.length;
      await get('documentId=agencies');
      await get('documentId=agencies');
      return service.asked.length - before;
    };
    expect(await asks()).toBe(2);
    await stream.beat(new Date(Date.now() - 60_000));
    expect(await asks()).toBe(2);
    await stream.beat();
    expect(await asks()).toBe(1);
    stream.disconnect();
    expect(await asks()).toBe(2);
  });

  test('are forgotten when others may have had a partition meanwhile', async () => {
    await stream.beat();
    await get('documentId=agencies');
    stream.reassign();
    await stream.beat();
    await stream.beat();
    await get('documentId=agencies');
    expect(service.asked).toHaveLength(2);
  });

  test('are one answer however their variables are written, and asked for once by many at a time', async () => {
    await stream.beat();
    const variables = [
      '',
      '&variables={}',
      '&variables={"first":50}',
      `&variables=${encodeURIComponent('{"first": 50}')}`,
    ];
    const answers = await Promise.all([...variables, ...variables].map((each) => get(`documentId=agencies${each}`)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(service.asked).toHaveLength(1);
    await get('documentId=agencies&variables={"first":10}');
    expect(service.asked).toHaveLength(2);
  });

  test('come compressed to who can read that, and not at all to who has them', async () => {
    for (let n = 0; n < 40; n += 1) names.push(`Kabupaten ${n}`);
    await stream.beat();
    const plain = await get('documentId=agencies');
    const zipped = await get('documentId=agencies', { 'accept-encoding': 'gzip' });
    const br = await get('documentId=agencies', { 'accept-encoding': 'gzip, br' });
    expect([plain, zipped, br].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip', 'br']);
    expect(gunzipSync(zipped.bytes).toString()).toBe(plain.text);
    expect(br.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(plain.headers['cache-control']).toBe('public, no-cache');
    const etag = String(plain.headers['etag']);
    const again = await get('documentId=agencies', { 'if-none-match': etag });
    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
    names[0] = 'Kota Binjai Baru';
    await stream.event('merit.personnel.v1.AgencyRegistered', 'agency/a0');
    expect((await get('documentId=agencies', { 'if-none-match': etag })).status).toBe(200);
  });

  test('are told of by HEAD as by GET, without the answer itself', async () => {
    await stream.beat();
    const whole = await get('documentId=agencies');
    const { statusCode, headers, body } = await request(`${gateway.url}/public/graphql?documentId=agencies`, {
      method: 'HEAD',
    });
    expect([statusCode, await body.text()]).toEqual([200, '']);
    for (const name of ['etag', 'cache-control', 'content-type', 'content-length']) {
      expect([name, headers[name]]).toEqual([name, whole.headers[name]]);
    }
    expect(service.asked).toHaveLength(1);
  });

  test('are the same by their address alone, which nothing else is asked about', async () => {
    for (let n = 0; n < 40; n += 1) names.push(`Kabupaten ${n}`);
    await stream.beat();
    const counted = async () => {
      const { body } = await request(`${gateway.url}/metrics`);
      const lines = (await body.text()).split('\n');
      const sum = (start: string) =>
        lines.filter((line) => line.startsWith(start)).reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
      return [sum('merit_request_seconds_count'), sum('merit_gateway_known_total{outcome="kept"}')];
    };
    for (const headers of [
      {},
      { 'accept-encoding': 'gzip' },
      { 'accept-encoding': 'gzip, br' },
      { 'if-none-match': '*' },
    ]) {
      const fields = (answer: Awaited<ReturnType<typeof get>>) => {
        const { date: _, 'x-request-id': id, ...rest } = answer.headers;
        expect(id).toMatch(/^[\w-]{36}$/);
        return [answer.status, rest, answer.text];
      };
      // Another spelling of the same: looked at twice, then known.
      const address = `documentId=agencies&variables={}&as=${Object.keys(headers)}${Object.values(headers).length}`;
      const looked = [await get(address, headers), await get(address, headers)];
      const [requests, kept] = await counted();
      const known = await get(address, headers);
      expect(await counted()).toEqual([requests, kept! + 1]);
      expect(looked.map(fields)).toEqual([fields(known), fields(known)]);
    }
    const mine = 'a-request-of-mine';
    expect((await get('documentId=agencies&variables={}&as=0', { 'x-request-id': mine })).headers['x-request-id']).toBe(
      mine,
    );
    await stream.event('merit.personnel.v1.AgencyRegistered', 'agency/a0');
    names[0] = 'Kota Binjai Baru';
    expect(first((await get('documentId=agencies&variables={}&as=0')).text)).toBe('Kota Binjai Baru');
  });

  test('are not kept when a part is missing', async () => {
    await stream.beat();
    service.answerWith((response) => response.destroy());
    const broken = await get('documentId=agencies');
    expect([JSON.parse(broken.text).errors[0].extensions.code, broken.headers['cache-control']]).toEqual([
      'SERVICE_UNAVAILABLE',
      'no-store',
    ]);
    expect(broken.headers['etag']).toBeUndefined();
    service.answerWith(null);
    expect(first((await get('documentId=agencies')).text)).toBe('Kota Binjai');
  });

  /** Two requests in one write, so that the second comes while the first is under way. */
  const together = async (...from: string[]) => {
    const { port, hostname } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    const head = (ip: string, n: number) =>
      `GET /public/graphql?documentId=agencies HTTP/1.1\r\nhost: merit\r\nx-forwarded-for: ${ip}\r\n` +
      `connection: ${n === from.length - 1 ? 'close' : 'keep-alive'}\r\n\r\n`;
    socket.write(from.map(head).join(''));
    const answers = await text(socket);
    return answers.split('HTTP/1.1 ').slice(1);
  };

  test('refuse who has spent too much, and nobody who asks at the same time, and say when to come back', async () => {
    await end();
    await begin({ costPerMinute: 600 }); // once 401, which the document costs
    await stream.beat();
    const [poor, rich] = ['203.0.113.1', '203.0.113.2'];
    await get('documentId=agencies', { 'x-forwarded-for': poor });
    await stream.event('merit.personnel.v1.AgencyRegistered', 'agency/a9');
    const [one, other] = await together(poor, rich);
    expect(one).toMatch(/^429 .*retry-after: [1-9]\d*\r.*RATE_LIMITED/s);
    expect(one).toContain('ratelimit-policy: "cost";q=600;w=60\r');
    expect(one).toMatch(/ratelimit: "cost";r=0;t=\d+\r/);
    expect(other).toMatch(/^200 .*Kota Binjai/s);
    expect(other).not.toContain('ratelimit: ');
  });

  test('say when to come back when a service has too much work', async () => {
    await stream.beat();
    const errors = [{ message: 'Too much.', path: ['agencies'], extensions: { code: 'OVERLOADED' } }];
    service.answerWith((response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data: { agencies: null }, errors })),
    );
    const { status, headers } = await get('documentId=agencies');
    expect([status, headers['retry-after'], headers['cache-control']]).toEqual([503, '1', 'no-store']);
    expect(headers['ratelimit']).toMatch(/^"cost";r=\d+;t=\d+$/);
  });

  test.each([
    ['documentId=secret', 404, 'DOCUMENT_UNKNOWN'],
    ['documentId=', 404, 'DOCUMENT_UNKNOWN'],
    ['documentId=agencies&documentId=units', 404, 'DOCUMENT_UNKNOWN'],
    ['documentId=agencies&variables=[1]', 400, 'BAD_REQUEST'],
    ['documentId=agencies&variables={', 400, 'BAD_REQUEST'],
    ['documentId=agencies&variables={"first":"many"}', 400, 'BAD_USER_INPUT'],
    ['documentId=unit', 400, 'BAD_USER_INPUT'],
  ])('%s is refused with %i %s, and nobody is asked', async (query, status, code) => {
    const answer = await get(query);
    expect([answer.status, JSON.parse(answer.text).errors[0].extensions.code]).toEqual([status, code]);
    expect(service.asked).toHaveLength(0);
  });
});
