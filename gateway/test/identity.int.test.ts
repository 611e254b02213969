import { type SmallGraph, startSmallGraph } from './small-graph.js';

let graph: SmallGraph;
beforeAll(async () => {
  graph = await startSmallGraph({ slow: 'here' }, {});
});
beforeEach(() => {
  graph.people.answerWith(null);
  graph.people.asked.length = 0;
});
afterAll(() => graph.stop());

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const served = { status: 200, body: { data: { slow: 'here' } } };

test('of 200 who ask at once while the issuer turns to another key, none is refused', async () => {
  let asked = 0;
  let old: string | undefined;
  const caller = async (n: number) => {
    for (let round = 0; round < 4; round += 1) {
      const token = await graph.token({ sub: `person-${n}-${round}` });
      old ??= token;
      expect(await graph.ask('{ slow }', as(token))).toMatchObject(served);
      asked += 1;
      if (asked === 150 || asked === 450) await graph.rotateKeys();
    }
  };
  await Promise.all(Array.from({ length: 200 }, (_, n) => caller(n)));
  expect(asked).toBe(800);
  expect(await graph.ask('{ slow }', as(old!))).toMatchObject(served);
});

test('a service that does not reach the issuer makes the answer a 503, not a 401 and not the public’s', async () => {
  graph.people.answerWith((response) =>
    response
      .writeHead(503, { 'content-type': 'application/json' })
      .end(
        '{"errors":[{"message":"The identity provider cannot be reached.","extensions":{"code":"IDENTITY_UNAVAILABLE"}}]}',
      ),
  );
  const { status, body } = await graph.ask('{ slow }', as(await graph.token({ sub: 'ani' })));
  expect(status).toBe(503);
  expect(body).toMatchObject({ data: { slow: null }, errors: [{ extensions: { code: 'IDENTITY_UNAVAILABLE' } }] });
});

test('a token that is far too long is 401, and no service hears of it', async () => {
  const { status, body } = await graph.ask('{ slow }', as(`a.${'b'.repeat(12_000)}.c`));
  expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
  expect(graph.people.asked).toEqual([]);
});

test('an issuer that is down is missed by nobody whose key is known, and a token by a new key is told to come again', async () => {
  expect(await graph.ask('{ slow }', as(await graph.token({ sub: 'ani' })))).toMatchObject(served);
  const other = await graph.token({ sub: 'budi' });
  await graph.rotateKeys();
  const newer = await graph.token({ sub: 'cici' });
  await graph.stopIssuer();
  expect(await graph.ask('{ slow }', as(other))).toMatchObject(served);
  const { status, body, headers } = await graph.ask('{ slow }', as(newer));
  expect([status, body.errors[0].extensions.code]).toEqual([503, 'IDENTITY_UNAVAILABLE']);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
});
