import { jest } from '@jest/globals';
import { exportSPKI, generateKeyPair } from 'jose';
import { createVerifier } from '../src/identity.js';
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

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (claims: object) => `${part({ alg: 'none' })}.${part(claims)}.`;
const tampered = (authorization: string) => {
  const [header, payload, signature] = authorization.slice('Bearer '.length).split('.');
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
  return `Bearer ${header}.${part({ ...claims, merit_employee: EMPLOYEE.replace(/1$/, '2') })}.${signature}`;
};

describe('while the issuer is away', () => {
  afterEach(() => issuer.start());

  test('nobody can be identified whose keys were never seen, and that is not the token’s fault', async () => {
    const verify = verifier();
    const token = await bearer();
    await issuer.stop();
    await expect(verify(token)).rejects.toEqual(expect.objectContaining({ code: 'IDENTITY_UNAVAILABLE' }));
    await expect(verify(undefined)).resolves.toEqual({ kind: 'PUBLIC' });
    await issuer.start();
    await expect(verify(token)).resolves.toMatchObject({ kind: 'OPERATOR' });
    await issuer.stop();
  });

  test('the keys known last go on to serve, beyond the time after which they would be renewed', async () => {
    const verify = verifier();
    await verify(await bearer());
    const another = await bearer({ sub: 'another', exp: seconds(7200) });
    await issuer.stop();
    jest.useFakeTimers({
      now: Date.now() + 3_600_000,
      doNotFake: ['setImmediate', 'nextTick', 'setTimeout', 'clearTimeout'],
    });
    try {
      await expect(verify(another)).resolves.toEqual({ kind: 'OPERATOR', subject: 'another' });
    } finally {
      jest.useRealTimers();
    }
  });

  test('an issuer that says to be another is not believed', async () => {
    const verify = createVerifier({ issuer: issuer.issuer.replace('127.0.0.1', 'localhost'), audience: 'merit' });
    const token = await bearer();
    await expect(verify(token)).rejects.toEqual(expect.objectContaining({ code: 'IDENTITY_UNAVAILABLE' }));
    await issuer.stop();
  });
});
