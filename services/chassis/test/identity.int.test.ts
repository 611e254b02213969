import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { exportSPKI, generateKeyPair } from 'jose';
import { createVerifier, rememberTokens } from '../src/api/identity.js';
import { eventually } from './eventually.js';
import { type Issuer, startIssuer } from './issuer.js';

const EMPLOYEE = '0197a000-0000-7000-8000-000000000001';
const seconds = (from: number) => Math.floor(Date.now() / 1000) + from;
const unauthenticated = expect.objectContaining({ code: 'UNAUTHENTICATED' });

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.stop());

const verifier = (over = {}) => createVerifier({ issuer: issuer.issuer, audience: 'merit', ...over });
const bearer = async (...of: Parameters<Issuer['token']>) => `Bearer ${await issuer.token(...of)}`;

describe('a request without a token', () => {
  test('is the public', async () => {
    expect(await verifier()(undefined)).toEqual({ kind: 'PUBLIC' });
  });
});

describe('a good token', () => {
  test.each(['RS256', 'ES256', 'EdDSA'])('by %s names its bearer', async (alg) => {
    expect(await verifier()(await bearer({ merit_employee: EMPLOYEE.toUpperCase() }, { alg }))).toEqual({
      kind: 'EMPLOYEE',
      subject: 'someone',
      employeeId: EMPLOYEE,
    });
  });

  test('may be a client’s, or an operator’s', async () => {
    const verify = verifier();
    expect(await verify(await bearer({ merit_client: 'bkn' }))).toEqual({
      kind: 'CLIENT',
      subject: 'someone',
      clientId: 'bkn',
    });
    expect(await verify(await bearer({ sub: 'system' }))).toEqual({ kind: 'OPERATOR', subject: 'system' });
  });

  test('may call its claims otherwise', async () => {
    const verify = verifier({ employeeClaim: 'urn:pegawai', clientClaim: 'azp' });
    expect(await verify(await bearer({ 'urn:pegawai': EMPLOYEE, merit_client: 'x' }))).toMatchObject({
      kind: 'EMPLOYEE',
    });
    expect(await verify(await bearer({ azp: 'bkn' }))).toMatchObject({ kind: 'CLIENT', clientId: 'bkn' });
  });

  test('is good within 30 seconds of its times, for clocks differ', async () => {
    const verify = verifier();
    await expect(verify(await bearer({ exp: seconds(-20) }))).resolves.toMatchObject({ kind: 'OPERATOR' });
    await expect(verify(await bearer({ nbf: seconds(20) }))).resolves.toMatchObject({ kind: 'OPERATOR' });
  });

  test('is verified once, and its keys are fetched once for many at the same time', async () => {
    const verify = verifier();
    issuer.requests.length = 0;
    const token = await bearer();
    await Promise.all(Array.from({ length: 20 }, () => verify(token)));
    await verify(token);
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/jwks']);
  });
});

describe('a bad token is never the public', () => {
  test.each<[string, () => Promise<string>]>([
    ['nothing', async () => ''],
    ['no bearer token', async () => 'Basic c3lzdGVtOng='],
    ['no token', async () => 'Bearer '],
    ['no JWT', async () => 'Bearer abc'],
    ['JSON that is none', async () => 'Bearer e30.e30.e30'],
    ['two tokens', async () => `${await bearer()}, ${await bearer()}`],
    ['a megabyte', async () => `Bearer a.${'b'.repeat(1_000_000)}.c`],
    ['one of another issuer', () => bearer({ iss: 'https://elsewhere.example' })],
    ['one for another audience', () => bearer({ aud: 'payroll' })],
    ['one that expired', () => bearer({ exp: seconds(-31) })],
    ['one of tomorrow', () => bearer({ nbf: seconds(86_400) })],
    ['one without an end', () => bearer({ exp: undefined })],
    ['one without a subject', () => bearer({ sub: undefined })],
    ['one whose employee is no id', () => bearer({ merit_employee: '198501012010011001' })],
    ['one whose client is empty', () => bearer({ merit_client: '' })],
    ['one by an algorithm that is not allowed', () => bearer({}, { alg: 'RS512' })],
    [
      'one by a key that is not the issuer’s',
      async () => bearer({}, { key: (await generateKeyPair('ES256')).privateKey }),
    ],
    ['one by an unknown key', () => bearer({}, { kid: 'other' })],
    [
      'one signed with the public key as a secret',
      async () =>
        bearer(
          {},
          { alg: 'HS256', kid: 'RS256', key: new TextEncoder().encode(await exportSPKI(issuer.publicKeyOf('RS256'))) },
        ),
    ],
    [
      'one that is not signed',
      async () => `Bearer ${unsigned({ iss: issuer.issuer, aud: 'merit', sub: 'x', exp: seconds(300) })}`,
    ],
    ['one that was changed', async () => tampered(await bearer({ merit_employee: EMPLOYEE }))],
  ])('%s', async (_, authorization) => {
    await expect(verifier()(await authorization())).rejects.toEqual(unauthenticated);
  });
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (claims: object) => `${part({ alg: 'none' })}.${part(claims)}.`;
const tampered = (authorization: string) => {
  const [header, payload, signature] = authorization.slice('Bearer '.length).split('.');
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
  return `Bearer ${header}.${part({ ...claims, merit_employee: EMPLOYEE.replace(/1$/, '2') })}.${signature}`;
};

const unavailable = expect.objectContaining({ code: 'IDENTITY_UNAVAILABLE' });
const jwksFetches = () => issuer.requests.filter((url) => url === '/jwks').length;

const clock = performance.now.bind(performance);
const date = Date.now.bind(Date);
let ahead = 0;
/** From now on all clocks of this process are so many milliseconds further ahead. */
function passTime(ms: number): void {
  ahead += ms;
  jest.spyOn(performance, 'now').mockImplementation(() => clock() + ahead);
  jest.spyOn(Date, 'now').mockImplementation(() => date() + ahead);
}
afterEach(() => {
  ahead = 0;
  jest.restoreAllMocks();
});
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What answers nobody, wrongly, or with nothing of use. */
const faults: [string, (response: ServerResponse) => void][] = [
  ['fails', (response) => response.writeHead(500).end('{}')],
  ['answers with a page', (response) => response.end('<html>maintenance</html>')],
  ['answers with something else', (response) => response.end('{"keys":7}')],
  [
    'has no keys',
    (response) => response.end(JSON.stringify({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks`, keys: [] })),
  ],
  ['breaks off', (response) => response.destroy()],
];

describe('when the issuer rotates its keys', () => {
  beforeEach(() => {
    issuer.requests.length = 0;
  });

  test('tokens by the new key and by the old one are good at once', async () => {
    const verify = verifier();
    const old = await bearer({ sub: 'old' });
    await verify(await bearer());
    await issuer.rotate();
    await expect(verify(await bearer({ sub: 'new' }))).resolves.toMatchObject({ subject: 'new' });
    await expect(verify(old)).resolves.toMatchObject({ subject: 'old' });
  });

  test('under load, nobody is refused, and the keys are asked for four times a second at most', async () => {
    const verify = verifier();
    const began = performance.now();
    let turning = true;
    let answered = 0;
    const caller = async (n: number) => {
      for (let round = 0; turning || round < 2; round += 1) {
        const subject = `${n}-${round}`;
        await expect(verify(await bearer({ sub: subject }))).resolves.toMatchObject({ subject });
        answered += 1;
      }
    };
    const turn = async () => {
      for (let rotation = 1; rotation <= 3; rotation += 1) {
        const before = answered;
        await eventually(() => answered >= before + 100);
        await issuer.rotate();
      }
      turning = false;
    };
    await Promise.all([...Array.from({ length: 200 }, (_, n) => caller(n)), turn()]);
    expect(answered).toBeGreaterThanOrEqual(400);
    expect(jwksFetches()).toBeGreaterThanOrEqual(2);
    expect(jwksFetches()).toBeLessThanOrEqual(2 + (performance.now() - began) / 250);
  });

  test('invented keys have the issuer asked four times a second at most, and a new one is found among them', async () => {
    const verify = verifier();
    await verify(await bearer());
    const began = performance.now();
    const invented = async (n: number) => verify(await bearer({}, { kid: `invented ${n}` }));
    const refusals = Array.from({ length: 300 }, (_, n) => expect(invented(n)).rejects.toEqual(unauthenticated));
    await issuer.rotate();
    await expect(verify(await bearer({ sub: 'new' }))).resolves.toMatchObject({ subject: 'new' });
    await Promise.all(refusals);
    expect(jwksFetches()).toBeLessThanOrEqual(2 + (performance.now() - began) / 250);
  });

  test('a key that was withdrawn is good for ten minutes at most, also for a token that was good before', async () => {
    const verify = verifier();
    const old = await bearer({ exp: seconds(7_200) });
    await verify(old);
    await issuer.rotate();
    issuer.withdraw();
    await expect(verify(old)).resolves.toMatchObject({ kind: 'OPERATOR' });
    passTime(10 * MINUTE + 1_000);
    await expect(verify(old)).rejects.toEqual(unauthenticated);
    await expect(verify(await bearer())).resolves.toMatchObject({ kind: 'OPERATOR' });
  });

  test('the keys are renewed before they are too old, while they go on to serve', async () => {
    const verify = verifier();
    await verify(await bearer());
    passTime(5 * MINUTE + 1_000);
    await verify(await bearer({ sub: 'another' }));
    await eventually(() => jwksFetches() === 2);
  });
});

describe('while the issuer is away', () => {
  afterEach(() => issuer.start());

  test('nobody can be identified whose keys were never seen, and that is not the token’s fault', async () => {
    const verify = verifier();
    const token = await bearer();
    await issuer.stop();
    await expect(verify(token)).rejects.toEqual(unavailable);
    await expect(verify(undefined)).resolves.toEqual({ kind: 'PUBLIC' });
    await issuer.start();
    await eventually(async () => (await verify(token).catch(() => null)) !== null);
    await issuer.stop();
  });

  test('the keys known last go on to serve for a day, and then no token is judged at all', async () => {
    const verify = verifier();
    const remembered = await bearer({ exp: seconds(90_000) });
    await verify(remembered);
    const another = await bearer({ sub: 'another', exp: seconds(90_000) });
    await issuer.stop();
    passTime(23 * HOUR);
    await expect(verify(another)).resolves.toEqual({ kind: 'OPERATOR', subject: 'another' });
    await expect(verify(remembered)).resolves.toMatchObject({ kind: 'OPERATOR' });
    passTime(61 * MINUTE);
    await expect(verify(remembered)).rejects.toEqual(unavailable);
    await expect(verify(another)).rejects.toEqual(unavailable);
  });

  test('a token by an unknown key may be good, so it is not refused as a bad one', async () => {
    const verify = verifier();
    await verify(await bearer());
    await issuer.rotate();
    const token = await bearer();
    await issuer.stop();
    await expect(verify(token)).rejects.toEqual(unavailable);
  });

  test('an issuer that says to be another is not believed', async () => {
    const verify = createVerifier({ issuer: issuer.issuer.replace('127.0.0.1', 'localhost'), audience: 'merit' });
    const token = await bearer();
    await expect(verify(token)).rejects.toEqual(unavailable);
    await issuer.stop();
  });
});

describe('an issuer that', () => {
  afterEach(() => issuer.answerWith(null));

  test.each(faults)(
    '%s gives no keys, which is not the token’s fault, and those before go on to serve',
    async (_, raw) => {
      const stranger = verifier();
      const log = { warn: jest.fn(), info: jest.fn() };
      const verify = createVerifier({ issuer: issuer.issuer, audience: 'merit' }, log);
      const token = await bearer({ exp: seconds(7_200) });
      await verify(await bearer({ exp: seconds(7_200) }));
      issuer.answerWith(raw);
      passTime(20 * MINUTE);
      await expect(stranger(token)).rejects.toEqual(unavailable);
      await expect(verify(token)).resolves.toMatchObject({ kind: 'OPERATOR' });
      await expect(verify(await bearer({ exp: seconds(7_200), sub: 'b' }))).resolves.toMatchObject({ subject: 'b' });
      expect(log.warn).toHaveBeenCalledTimes(1);
      issuer.answerWith(null);
      await eventually(async () => (await stranger(token).catch(() => null)) !== null);
      passTime(2_000);
      await verify(token);
      await eventually(() => log.info.mock.calls.length === 1);
    },
  );

  test('says nothing holds nobody up for long, and once only', async () => {
    const verify = verifier();
    const token = await bearer({ exp: seconds(7_200) });
    await verify(token);
    const held: ServerResponse[] = [];
    issuer.answerWith((response) => void held.push(response));
    passTime(20 * MINUTE);
    await Promise.all([verify(token), verify(token)]);
    expect(held.length).toBe(1);
    // The next attempt is made behind the requests' backs.
    passTime(2_000);
    await verify(token);
    await eventually(() => held.length === 2);
    await expect(verify(token)).resolves.toMatchObject({ kind: 'OPERATOR' });
    for (const response of held) response.destroy();
  });
});

test('whatever is made of a good token, it names its bearer or is a bad one', async () => {
  const verify = verifier();
  const good = await bearer();
  const bearerOfIt = await verify(good);
  const afterHeader = fc.integer({ min: good.indexOf('.'), max: good.length });
  const headers = [{ alg: 'RS256', kid: 'RS256' }, { alg: 'HS256', kid: 'RS256' }, { alg: 'none' }, { alg: 7 }, {}];
  const anything = fc.oneof(
    fc.string({ maxLength: 300, unit: 'binary' }),
    fc
      .tuple(afterHeader, fc.string({ maxLength: 3 }))
      .map(([at, by]) => good.slice(0, at) + by + good.slice(at + by.length)),
    fc
      .tuple(fc.constantFrom(...headers), fc.jsonValue(), fc.base64String())
      .map(([header, claims, end]) => `Bearer ${part(header)}.${part(claims)}.${end.replaceAll('=', '')}`),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (authorization) => {
      const outcome = await verify(authorization).catch((error: unknown) => error);
      expect([unauthenticated, bearerOfIt]).toContainEqual(outcome);
    }),
    { numRuns: 300 },
  );
});

test('of remembered tokens the oldest is forgotten when there are too many, and each when it expires', () => {
  const tokens = rememberTokens(2);
  const viewer = { kind: 'OPERATOR', subject: 'someone' } as const;
  for (const digest of ['a', 'b', 'c']) tokens.set(digest, 1, viewer, Date.now() + MINUTE);
  expect(['a', 'b', 'c'].map((digest) => tokens.get(digest, 1))).toEqual([undefined, viewer, viewer]);
  expect(tokens.get('b', 2)).toBeUndefined();
  passTime(MINUTE);
  expect(tokens.get('c', 1)).toBeUndefined();
});
