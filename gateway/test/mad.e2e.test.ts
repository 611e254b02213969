/**
 * Services that are dead or mad, behind a gateway process: what they do costs their own fields, in time, nothing of the
 * inside leaves, and the gateway's memory does not hold what they pour out.
 */
import type { ServerResponse } from 'node:http';
import { CODES } from '../src/codes.js';
import { type GatewayProcess, json, type Play, QUESTION, RIGHT, startGatewayProcess } from './gateway.process.js';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGatewayProcess({ SUBGRAPH_TIMEOUT_MS: '5000', MOST_ANSWER_BYTES: String(1024 * 1024) }, 128);
}, 240_000);
afterAll(() => gateway?.stop(), 60_000);
afterEach(() => gateway.play('feedback', null));

const SECRET =
  'select nip from employee -- postgres://merit:hunter2@10.0.0.7/feedback at Object.<anonymous> (/srv/feedback/dist/index.js:7:1)';
const INSIDE = /select|nip|hunter2|10\.0\.0\.7|postgres|feedback|\/srv|index\.js|anonymous|stack|127\.0\.0\.1|<h1>/i;

const asJson = (response: ServerResponse) => response.setHeader('content-type', 'application/json');
/** Pours for as long as the other side takes it, and says how much it was. */
const poured = { bytes: 0, open: 0 };
const pour =
  (head: string): Play =>
  (response) => {
    poured.open += 1;
    const chunk = 'x'.repeat(256 * 1024);
    const more = () => {
      while (!response.destroyed) {
        poured.bytes += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
    };
    response.once('close', () => {
      poured.open -= 1;
    });
    asJson(response).write(head, more);
  };
const drip: Play = (response) => {
  asJson(response).write('{"data":');
  const dripping = setInterval(() => response.write(' '), 100);
  response.once('close', () => clearInterval(dripping));
};
const withError =
  (error: object): Play =>
  (response) =>
    json(response, { data: { _entities: [null] }, errors: [error] });

const MAD: [string, Play, string][] = [
  [
    'that answers an HTML page with what went wrong',
    (response) => response.writeHead(500, { 'content-type': 'text/html' }).end(`<h1>${SECRET}</h1>`),
    'SERVICE_UNAVAILABLE',
  ],
  [
    'that answers text',
    (response) => response.setHeader('content-type', 'text/plain').end(SECRET),
    'SERVICE_UNAVAILABLE',
  ],
  [
    'that answers another content type without end',
    (response, asked) => {
      response.setHeader('content-type', 'application/octet-stream');
      response.setHeader = () => response;
      pour(SECRET)(response, asked);
    },
    'SERVICE_UNAVAILABLE',
  ],
  ['that answers no JSON', (response) => asJson(response).end(`{"data": ${SECRET}`), 'SERVICE_UNAVAILABLE'],
  [
    'that answers half',
    (response) =>
      asJson(response)
        .setHeader('content-length', '999')
        .write('{"data":{"_ent', () => response.destroy()),
    'SERVICE_UNAVAILABLE',
  ],
  ['that cuts the line', (response) => response.destroy(), 'SERVICE_UNAVAILABLE'],
  ['that answers something else', (response) => json(response, { data: [SECRET] }), 'SERVICE_UNAVAILABLE'],
  ['that answers more than it may', pour('{"data":{"_entities":[{"satisfaction":{"grade":"'), 'SERVICE_UNAVAILABLE'],
  [
    'that says it will answer 10 GB',
    (response, asked) => {
      response.setHeader('content-length', String(10 * 1024 ** 3));
      pour('{"data":"')(response, asked);
    },
    'SERVICE_UNAVAILABLE',
  ],
  ['that never answers', () => undefined, 'TIMEOUT'],
  ['that answers a byte now and then', drip, 'TIMEOUT'],
  [
    'whose error has no code',
    withError({ message: SECRET, extensions: { exception: { stacktrace: [SECRET] } } }),
    'INTERNAL_SERVER_ERROR',
  ],
  [
    'whose error has a code of its own',
    withError({ message: SECRET, extensions: { code: 'SQLSTATE_42P01' } }),
    'INTERNAL_SERVER_ERROR',
  ],
  [
    'that does not know what it was asked',
    withError({
      message: `Cannot query field "nip" on type "Employee". ${SECRET}`,
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    }),
    'INTERNAL_SERVER_ERROR',
  ],
  [
    'that cannot read what it was asked',
    withError({ message: SECRET, extensions: { code: 'BAD_REQUEST' } }),
    'INTERNAL_SERVER_ERROR',
  ],
  [
    'whose error leads to things that nobody asked for',
    withError({
      message: 'You may not see this.',
      path: ['_entities', 0, 'select nip', SECRET],
      extensions: { code: 'FORBIDDEN', serviceName: SECRET, stacktrace: [SECRET] },
    }),
    'FORBIDDEN',
  ],
  [
    'whose error names as its field what is none',
    withError({
      message: 'No.',
      path: ['_entities', 0, 'satisfaction'],
      extensions: { code: 'FORBIDDEN', field: { of: SECRET } },
    }),
    'FORBIDDEN',
  ],
];

test.each(MAD)('a service %s costs its own fields', async (_, play, code) => {
  gateway.play('feedback', play);
  const { status, body, text } = await gateway.ask(QUESTION);
  expect([status, body.data]).toEqual([200, { unit: { name: 'Dinas Kesehatan', satisfaction: null } }]);
  const codes = body.errors.map((error: { extensions: { code: string } }) => error.extensions.code);
  expect([...new Set(codes)]).toEqual([code]);
  expect(codes.filter((each: string) => !(each in CODES))).toEqual([]);
  expect(text.replaceAll('satisfaction', '')).not.toMatch(INSIDE);
  gateway.play('feedback', null);
  expect((await gateway.ask(QUESTION)).body).toEqual(RIGHT);
});

test('what mad services pour out is not read beyond the limit, and not kept', async () => {
  const flood = async () => {
    gateway.play('feedback', pour('{"data":{"_entities":[{"satisfaction":{"grade":"'));
    poured.bytes = 0;
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        gateway.ask(QUESTION.replace('satisfaction', `s${n}: satisfaction`), { from: `192.0.2.${n}` }),
      ),
    );
    expect(answers.map(({ body }) => body.data.unit.name)).toEqual(Array(24).fill('Dinas Kesehatan'));
    gateway.play('feedback', null);
  };
  await flood();
  const before = await gateway.settled();
  await flood();
  await flood();
  expect((await gateway.settled()) - before).toBeLessThan(48);
  expect(gateway.isAlive()).toBe(true);
}, 240_000);

test('12,000 errors of a service are not all handed on', async () => {
  const error = {
    message: 'You may not see this.',
    path: ['_entities', 0, 'satisfaction'],
    extensions: { code: 'FORBIDDEN' },
  };
  gateway.play('feedback', (response) =>
    json(response, { data: { _entities: [null] }, errors: Array(12_000).fill(error) }),
  );
  const { body } = await gateway.ask(QUESTION);
  expect(body.data.unit.name).toBe('Dinas Kesehatan');
  expect(body.errors.length).toBeLessThanOrEqual(10_000);
});
