import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { describeError } from '@merit/chassis/log';
import { GraphQLError } from 'graphql';
import { pino } from 'pino';
import { answerOf, type SmallGraph, startSmallGraph } from './small-graph.js';

const secret = 'select nip from employee where id = 1 -- pg://merit@10.0.0.7';
const refuse = (extensions: object) => () => {
  throw new GraphQLError('Hours must be a whole number from 1 to 40.', { extensions: { ...extensions } });
};
const lines: string[] = [];
const written = new EventEmitter();
const log = pino(
  { level: 'debug', serializers: { err: describeError } },
  new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      written.emit(JSON.parse(String(chunk)).msg);
      done();
    },
  }),
);
let graph: SmallGraph;
beforeAll(async () => {
  graph = await startSmallGraph(
    {
      employee: { id: '1', name: 'Ani', boss: { id: '2', name: 'Budi' }, colleagues: [{ id: '3' }, { id: '4' }] },
      strict: { must: null },
      rename: refuse({
        code: 'BAD_USER_INPUT',
        field: 'hours',
        params: { max: 40 },
        stacktrace: [secret],
        http: { status: 418 },
      }),
      slow: () => {
        throw new Error(secret);
      },
    },
    { score: 91.43, band: 'SESUAI_JALUR' },
    { log },
  );
});
afterAll(() => graph.stop());
afterEach(() => {
  graph.people.answerWith(null);
  graph.scores.answerWith(null);
});

const inside = /select nip|10\.0\.0\.7|people|scores|127\.0\.0\.1|stack|serviceName|\.ts|node_modules|DOWNSTREAM/i;

describe('an error of a service', () => {
  test('keeps its code, path, field and parameters, and nothing else', async () => {
    const { status, body } = await graph.ask('mutation { rename(id: "1", name: "x") { name } }');
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { rename: null },
      errors: [
        {
          message: 'Hours must be a whole number from 1 to 40.',
          path: ['rename'],
          extensions: { code: 'BAD_USER_INPUT', field: 'hours', params: { max: 40 } },
        },
      ],
    });
  });

  test('that nobody foresaw leaves as INTERNAL_SERVER_ERROR with the request id, and nothing of the inside', async () => {
    const { body, text, headers } = await graph.ask('{ slow employee(id: "1") { name } }');
    expect(body.data).toEqual({ slow: null, employee: { name: 'Ani' } });
    expect(body.errors).toEqual([
      {
        message: expect.stringContaining('report the request id'),
        path: ['slow'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: headers.get('x-request-id') },
      },
    ]);
    expect(text).not.toMatch(inside);
  });

  test('a value that a service must give and does not is an error at its path, without the names of types', async () => {
    graph.people.answerWith((response) =>
      response.setHeader('content-type', 'application/json').end('{"data":{"strict":{"must":null}}}'),
    );
    const { body, text } = await graph.ask('{ strict { must } }');
    expect(body.errors).toEqual([
      expect.objectContaining({ extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) } }),
    ]);
    expect(body.extensions).toBeUndefined();
    expect(text).not.toContain('Strict');
  });
});

describe('a service that does not answer', () => {
  const query = '{ employee(id: "1") { name score boss { name score } } }';

  test('costs its own fields, each with its path', async () => {
    const lone = await startSmallGraph({ employee: { id: '1', name: 'Ani', boss: { id: '2', name: 'Budi' } } }, {});
    await lone.scores.stop();
    const { status, body, text } = await lone.ask(query);
    expect(status).toBe(200);
    expect(body.data).toEqual({ employee: { name: 'Ani', score: null, boss: { name: 'Budi', score: null } } });
    expect(body.errors.map((error: { path: unknown }) => error.path)).toEqual(
      expect.arrayContaining([
        ['employee', 'score'],
        ['employee', 'boss', 'score'],
      ]),
    );
    expect(
      body.errors.every(
        (error: { extensions: object }) => 'SERVICE_UNAVAILABLE' === (error.extensions as { code: string }).code,
      ),
    ).toBe(true);
    expect(text).not.toMatch(inside);
    await lone.stop();
  });

  test.each<[string, (response: import('node:http').ServerResponse) => void]>([
    ['an HTML page', (response) => response.setHeader('content-type', 'text/html').end(`<h1>${secret}</h1>`)],
    ['no JSON', (response) => response.setHeader('content-type', 'application/json').end(`{"data": ${secret}`)],
    [
      'half an answer',
      (response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '99' })
          .write('{"data":', () => response.destroy()),
    ],
    ['a list', (response) => response.setHeader('content-type', 'application/json').end('[1, 2]')],
    ['null', (response) => response.setHeader('content-type', 'application/json').end('null')],
    [
      'an error of a proxy',
      (response) => response.writeHead(502, { 'content-type': 'application/json' }).end('{"error":"bad gateway"}'),
    ],
    ['a broken connection', (response) => response.destroy()],
    [
      '33 MB',
      (response) =>
        response.setHeader('content-type', 'application/json').end(`{"data":"${'x'.repeat(33 * 1024 * 1024)}"}`),
    ],
  ])('but %s costs no more', async (_, raw) => {
    graph.scores.answerWith(raw);
    const { body, text } = await graph.ask('{ employee(id: "1") { name score band } }');
    expect(body.data).toEqual({ employee: { name: 'Ani', score: null, band: null } });
    expect(body.errors.map((error: { extensions: { code: string } }) => error.extensions.code)).toEqual([
      'SERVICE_UNAVAILABLE',
      'SERVICE_UNAVAILABLE',
    ]);
    expect(text).not.toMatch(inside);
  });

  test('cannot steer the gateway by what its errors carry', async () => {
    graph.people.answerWith((response) =>
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          data: null,
          errors: [{ message: 'x', extensions: { code: 'FORBIDDEN', http: { status: 500 } } }],
        }),
      ),
    );
    expect(await graph.ask('{ slow }')).toMatchObject({ status: 200, body: { data: { slow: null } } });
  });

  test('through being overloaded is a 503 with a time to come back, when nothing else was asked', async () => {
    graph.people.answerWith((response) =>
      response
        .writeHead(503, { 'content-type': 'application/json' })
        .end(JSON.stringify({ errors: [{ message: 'Too much at once.', extensions: { code: 'OVERLOADED' } }] })),
    );
    const { status, headers, body } = await graph.ask('mutation { dawdle }');
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(body.errors[0].extensions.code).toBe('OVERLOADED');
  });
});

describe('what graphql-js says', () => {
  test.each([
    ['a field that does not exist', '{ employe }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an argument that does not exist', '{ employee(idd: "1") { name } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a value of an enum', '{ pick(colour: REDD) }', 'GRAPHQL_VALIDATION_FAILED'],
    ['broken GraphQL', '{ employee(', 'GRAPHQL_PARSE_FAILED'],
    ['a null byte', '{ employee(id: "1") { name\0 } }', 'GRAPHQL_PARSE_FAILED'],
    ['too many words', `{ ${'slow '.repeat(6000)} }`, 'GRAPHQL_PARSE_FAILED'],
  ])('of %s offers no names and has its code', async (_, query, code) => {
    const { status, body, text } = await graph.ask(query);
    expect(status).toBe(400);
    expect(body.errors[0].extensions).toEqual({ code });
    expect(text).not.toMatch(/did you mean/i);
  });

  const query = 'query($c: Colour, $s: Size) { pick(colour: $c, size: $s) }';
  test('of a variable names the input field, offers no values and sends no megabyte back', async () => {
    const wrong = await graph.ask(query, { variables: { c: 'REDD' } });
    expect(wrong.body.errors[0]).toMatchObject({
      message: 'Variable "$c" got invalid value; The value does not exist in "Colour" enum.',
      extensions: { code: 'BAD_USER_INPUT', field: 'c' },
    });
    expect(wrong.text).not.toMatch(/did you mean/i);
    const deep = await graph.ask(query, { variables: { s: { width: 'x'.repeat(900_000) } } });
    expect(deep.body.errors[0]).toMatchObject({
      message: 'Variable "$s" got invalid value at "s.width"; Int cannot represent non-integer value.',
      extensions: { code: 'BAD_USER_INPUT', field: 'width' },
    });
    const less = await graph.ask(query, { variables: { s: {} } });
    expect(less.body.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'width' });
    expect(deep.text.length).toBeLessThan(2_000);
  });

  test.each([
    ['beside the fault', query, '{"s":{"width":1,"nip":"198501012010011001","wide":2}}', 'BAD_USER_INPUT'],
    ['that is the fault', query, '{"s":{"width":198501012010011001}}', 'BAD_USER_INPUT'],
    ['in the document', '{ pick(size: { width: 198501012010011001 }) }', '{}', 'GRAPHQL_VALIDATION_FAILED'],
    ['that breaks the document', '{ pick(size "198501012010011001") }', '{}', 'GRAPHQL_PARSE_FAILED'],
  ])('says nothing of an identity number %s, and neither does the log', async (_, source, variables, code) => {
    lines.length = 0;
    const noted = once(written, 'request');
    const body = `{"query":${JSON.stringify(source)},"variables":${variables}}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await answerOf(await fetch(`${graph.url}/graphql`, { method: 'POST', headers, body }));
    expect(answer.body.errors[0].extensions.code).toBe(code);
    await noted;
    expect(answer.text + lines).not.toContain('198501012010011');
  });

  test('is cut also where a service passes it on', async () => {
    const message =
      'Variable "$r" got invalid value "198501012010011001" at "r[0].on"; Value is not a valid LocalDate: 1985';
    graph.people.answerWith((response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ data: null, errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] })),
    );
    const { body } = await graph.ask('{ slow }');
    expect(body.errors[0]).toMatchObject({
      message: 'Variable "$r" got invalid value at "r[0].on"; Value is not a valid LocalDate.',
      extensions: { code: 'BAD_USER_INPUT', field: 'on' },
    });
  });
});
