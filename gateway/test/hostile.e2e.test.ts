/**
 * Strangers who mean harm, on a gateway process: each gets a clear answer or a closed connection, its memory does not grow
 * with their number, and someone who means well is answered all the while.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { eventually } from './eventually.js';
import { type GatewayProcess, json, meanwhile, QUESTION, RIGHT, startGatewayProcess } from './gateway.process.js';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGatewayProcess({
    HEADERS_TIMEOUT_MS: '2000',
    REQUEST_TIMEOUT_MS: '10000',
    ANSWER_TIMEOUT_MS: '3000',
    MOST_UNDER_WAY: '64',
  });
}, 240_000);
afterAll(() => gateway?.stop(), 60_000);

const times = (count: number, of: (n: number) => string) => Array.from({ length: count }, (_, n) => of(n)).join(' ');
const fragments = (count: number, of: (n: number) => string) =>
  times(count, (n) => `fragment F${n} on Unit { ${of(n)} }`);

/** Documents by what is bad about them, each another than the one before, and what may be answered. */
const DOCUMENTS: Record<string, { of: (n: number) => string; says: string[] }> = {
  'deep nesting': {
    of: (n) => `{ unit(id: "${n}") ${'{ parent '.repeat(480)} { id } ${'} '.repeat(480)} }`,
    says: ['QUERY_TOO_LARGE'],
  },
  'brackets that never close': { of: (n) => `{ a${n}(b: ${'['.repeat(40_000)}`, says: ['QUERY_TOO_LARGE'] },
  aliases: {
    of: (n) => `{ unit(id: "${n}") { ${times(300, (k) => `a${n}_${k}: name`)} } }`,
    says: ['QUERY_TOO_LARGE'],
  },
  'fields of the operation': {
    of: (n) => `{ ${times(40, (k) => `a${n}_${k}: unit(id: "x") { id }`)} }`,
    says: ['QUERY_TOO_LARGE'],
  },
  directives: {
    of: (n) => `{ a${n}: __typename ${'@include(if: true) '.repeat(120)} }`,
    says: ['GRAPHQL_VALIDATION_FAILED'],
  },
  'directives that nobody knows': {
    of: (n) => `{ a${n}: __typename ${'@oh '.repeat(450)} }`,
    says: ['GRAPHQL_VALIDATION_FAILED'],
  },
  'fields that may all be merged': {
    of: (n) => `{ a${n}: unit(id: "x") { ${'name '.repeat(960)} } }`,
    says: ['GRAPHQL_VALIDATION_FAILED', 'NOTHING'],
  },
  'fragments that multiply': {
    of: (n) =>
      `{ a${n}: unit(id: "x") { ...F0 } } ${fragments(30, (k) => (k === 29 ? 'name' : `a: parent { ...F${k + 1} } b: parent { ...F${k + 1} }`))}`,
    says: ['GRAPHQL_VALIDATION_FAILED', 'QUERY_TOO_LARGE'],
  },
  'fragments in circles': {
    of: (n) => `{ a${n}: unit(id: "x") { ...F0 } } ${fragments(50, (k) => `...F${(k + 1) % 50}`)}`,
    says: ['GRAPHQL_VALIDATION_FAILED'],
  },
  'fields that are not there': {
    of: (n) => `{ ${times(900, (k) => `x${n}_${k}`)} }`,
    says: ['GRAPHQL_VALIDATION_FAILED'],
  },
  'words without end': {
    of: (n) => `{ a${n}: __typename ${'__typename '.repeat(8_000)} }`,
    says: ['GRAPHQL_PARSE_FAILED'],
  },
  'the schema, over and over': {
    of: (n) => `{ a${n}: __schema { ${times(90, (k) => `a${k}: types { name fields { name } }`)} } }`,
    says: ['QUERY_TOO_LARGE'],
  },
  'the schema, by every caller': {
    of: (n) => `{ a${n}: __schema { types { name fields { name type { name ofType { name } } } } } }`,
    says: ['NOTHING'],
  },
};
/** Each from another address, and all of them six at a time, beside the one that means well. */
const EACH = 12;
const AT_ONCE = 6;

/** What may always be said instead, for it is said to too many at once and to who has spent what was theirs. */
const TOO_MUCH = ['OVERLOADED', 'RATE_LIMITED'];

async function each(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

let round = 0;
/** Every bad document so often, from as many addresses; the codes that were answered, by the kind. */
async function attack(): Promise<Record<string, Set<string>>> {
  round += 1;
  const said: Record<string, Set<string>> = {};
  for (const [name, { of }] of Object.entries(DOCUMENTS)) {
    const codes = new Set<string>();
    said[name] = codes;
    await each(EACH, async (n) => {
      const { body } = await gateway.ask(of(round * EACH + n), { from: `192.0.2.${n}` });
      codes.add(body.errors?.[0].extensions.code ?? 'NOTHING');
      expect(JSON.stringify(body)).not.toMatch(/stack|node_modules|did you mean/i);
    });
  }
  return said;
}

test('documents that mean harm are refused by name, others are served, and nothing of them is kept', async () => {
  await attack(); // fills what is kept of documents at all
  const before = await gateway.settled();
  const { done, answers } = await meanwhile(gateway, attack);
  for (const [name, { says }] of Object.entries(DOCUMENTS)) {
    expect([name, [...done[name]!].filter((code) => ![...says, ...TOO_MUCH].includes(code))]).toEqual([name, []]);
  }
  expect(answers.filter((answer) => JSON.stringify(answer) !== JSON.stringify(RIGHT))).toEqual([]);
  expect((await gateway.settled()) - before).toBeLessThan(48);
  expect(gateway.isAlive()).toBe(true);
}, 240_000);

test('bodies that mean harm', async () => {
  const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/public/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.200', ...headers },
      body,
    }).catch(() => null); // a body that is refused before it is read may find the connection closed
    if (!response) return 'CLOSED';
    const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    return `${response.status} ${errors?.[0]?.extensions.code}`;
  };
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
  const BODIES: [string, () => Promise<string>, string[]][] = [
    ['compressed bombs', () => post(bomb, { 'content-encoding': 'gzip' }), ['400 BAD_REQUEST']],
    ['megabytes', () => post('x'.repeat(5_000_000)), ['413 PAYLOAD_TOO_LARGE', 'CLOSED']],
    ['batches', () => post(JSON.stringify(Array(500).fill({ query: '{ __typename }' }))), ['400 BAD_REQUEST']],
    [
      'deep JSON',
      () => post(`{"query":"{ __typename }","variables":{"x":${'['.repeat(45_000)}${']'.repeat(45_000)}}}`),
      ['200 undefined'],
    ],
    [
      'huge variables',
      () =>
        post(
          JSON.stringify({
            query: 'query ($id: ID!) { unit(id: $id) { name } }',
            variables: { id: Array(20_000).fill('x') },
          }),
        ),
      ['400 BAD_USER_INPUT', '200 BAD_USER_INPUT'],
    ],
  ];
  const flood = async () => {
    for (const [name, send, says] of BODIES) {
      const said = new Set<string>();
      await each(EACH, async () => void said.add(await send()));
      expect([
        name,
        [...said].filter((each) => !says.includes(each) && !/ (OVERLOADED|RATE_LIMITED)$/.test(each)),
      ]).toEqual([name, []]);
    }
  };
  await flood();
  const before = await gateway.settled();
  const { answers } = await meanwhile(gateway, flood);
  expect(answers.filter((answer) => JSON.stringify(answer) !== JSON.stringify(RIGHT))).toEqual([]);
  expect((await gateway.settled()) - before).toBeLessThan(48);
}, 240_000);

/** What came on a connection until it ended. */
async function until(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return String(Buffer.concat(chunks));
}
const MANY = 100;
const open = () =>
  Promise.all(
    Array.from({ length: MANY }, async () => {
      const socket = connect(gateway.port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    }),
  );

test('those who send a byte now and then are cut off, and hold no place from anyone', async () => {
  const head = 'POST /public/graphql HTTP/1.1\r\nhost: merit\r\ncontent-type: application/json\r\n';
  // All of them, the one that means well too, come from one address, which has 32 places.
  const [headless, bodiless] = [await open(), await open()];
  for (const socket of headless) socket.write(head);
  for (const socket of bodiless)
    socket.write(`${head}x-forwarded-for: 198.51.100.7\r\ncontent-length: 1000\r\n\r\n{"query":`);
  const dripping = setInterval(() => {
    for (const socket of headless) if (socket.writable) socket.write('x: y\r\n');
    for (const socket of bodiless) if (socket.writable) socket.write(' ');
  }, 500);
  const { done, answers } = await meanwhile(gateway, () => Promise.all([...headless, ...bodiless].map(until)));
  clearInterval(dripping);
  expect(answers.filter((answer) => JSON.stringify(answer) !== JSON.stringify(RIGHT))).toEqual([]);
  const said = new Set(done.map((text) => /^HTTP\/1.1 408.*"code":"REQUEST_TIMEOUT"/s.test(text) || text));
  // Who writes into a connection that is being closed may miss why.
  expect([...said].filter((text) => text !== true && text !== '')).toEqual([]);
  expect(said).toContain(true);
}, 240_000);

test('who never reads an answer is cut off', async () => {
  const name = 'x'.repeat(16 * 1024 * 1024); // more than the system takes in for a reader
  gateway.play('personnel', (response, { query }) =>
    json(response, {
      data: { unit: { __typename: 'Unit', id: 'x', name: query.includes('satisfaction') ? 'Dinas Kesehatan' : name } },
    }),
  );
  const body = JSON.stringify({ query: '{ unit(id: "x") { name } }' });
  const socket = connect(gateway.port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  socket.write(
    `POST /public/graphql HTTP/1.1\r\nhost: merit\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const underWay = async () =>
    Number(/^merit_gateway_requests_under_way (\d+)/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1]);
  await eventually(async () => (await underWay()) === 1);
  await eventually(async () => (await underWay()) === 0);
  expect((await until(socket.resume())).length).toBeLessThan(name.length);
  gateway.play('personnel', null);
  expect((await gateway.ask(QUESTION)).body).toEqual(RIGHT);
}, 240_000);
