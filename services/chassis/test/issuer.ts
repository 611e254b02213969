/** An issuer of tokens on a port of this machine: discovery, keys, and tokens of any kind. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { stablePort } from '@merit/infra/process';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export interface Issuer {
  readonly issuer: string;
  /** A token that is good for five minutes; a claim that is undefined is left out. */
  readonly token: (claims?: Record<string, unknown>, over?: TokenOver) => Promise<string>;
  readonly publicKeyOf: (alg: string) => CryptoKey;
  /** Signs with another key from now on, which is told with those before. */
  readonly rotate: () => Promise<void>;
  /** Tells no longer of the keys before the present one. */
  readonly withdraw: () => void;
  /** Answers every request by hand from now on, or as an issuer does again. */
  readonly answerWith: (raw: ((response: ServerResponse) => void) | null) => void;
  readonly requests: string[];
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

interface TokenOver {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: CryptoKey | Uint8Array;
}

interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly pair: { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };
  readonly jwk: JWK;
}

async function newKey(alg: string, kid: string): Promise<SigningKey> {
  const pair = await generateKeyPair(alg);
  return { kid, alg, pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg } };
}

export async function startIssuer(): Promise<Issuer> {
  const algorithms = ['RS256', 'ES256', 'EdDSA', 'RS512'];
  let keys = await Promise.all(algorithms.map((alg) => newKey(alg, alg)));
  const keyOf = (alg: string) => keys.findLast((key) => key.alg === alg)!;
  const requests: string[] = [];
  let raw: ((response: ServerResponse) => void) | null = null;
  let server: Server | undefined;
  const port = await stablePort(); // it is stopped, and started there again

  const start = () =>
    new Promise<void>((resolve) => {
      server = createServer((request, response) => {
        requests.push(request.url!);
        response.setHeader('connection', 'close');
        if (raw) return raw(response);
        const jwks = { keys: keys.map(({ jwk }) => jwk) };
        const body = request.url === '/jwks' ? jwks : { issuer: origin(), jwks_uri: `${origin()}/jwks` };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
      }).listen(port, '127.0.0.1', resolve);
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      server!.close(() => resolve());
      server!.closeAllConnections();
    });
  const origin = () => `http://127.0.0.1:${port}`;
  await start();

  const token: Issuer['token'] = async (claims = {}, { alg = 'ES256', kid = keyOf(alg)?.kid ?? alg, key } = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: origin(), aud: 'merit', sub: 'someone', iat: now, exp: now + 300, ...claims };
    const given = Object.entries(payload).filter(([, value]) => value !== undefined);
    return new SignJWT(Object.fromEntries(given) as JWTPayload)
      .setProtectedHeader({ alg, kid })
      .sign(key ?? keyOf(alg).pair.privateKey);
  };
  return {
    issuer: origin(),
    token,
    publicKeyOf: (alg) => keyOf(alg).pair.publicKey,
    rotate: async () => {
      keys = [...keys, await newKey('ES256', `ES256-${keys.length}`)];
    },
    withdraw: () => {
      keys = keys.filter((key) => key === keyOf(key.alg));
    },
    answerWith: (by) => {
      raw = by;
    },
    requests,
    stop,
    start,
  };
}
