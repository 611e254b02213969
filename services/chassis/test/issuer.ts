/** An issuer of tokens on a port of this machine: discovery, keys, and tokens of any kind. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface Issuer {
  readonly issuer: string;
  /** A token that is good for five minutes; a claim that is undefined is left out. */
  readonly token: (claims?: Record<string, unknown>, over?: TokenOver) => Promise<string>;
  readonly publicKeyOf: (alg: string) => CryptoKey;
  readonly requests: string[];
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

interface TokenOver {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: CryptoKey | Uint8Array;
}

export async function startIssuer(): Promise<Issuer> {
  const algorithms = ['RS256', 'ES256', 'EdDSA', 'RS512'];
  const keys = new Map(await Promise.all(algorithms.map(async (alg) => [alg, await generateKeyPair(alg)] as const)));
  const jwks = await Promise.all(
    [...keys].map(async ([alg, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid: alg, alg })),
  );
  const requests: string[] = [];
  let server: Server | undefined;
  let port = 0;

  const start = () =>
    new Promise<void>((resolve) => {
      server = createServer((request, response) => {
        requests.push(request.url!);
        const body = request.url === '/jwks' ? { keys: jwks } : { issuer: origin(), jwks_uri: `${origin()}/jwks` };
        response.setHeader('connection', 'close');
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(body));
      }).listen(port, '127.0.0.1', () => {
        port = (server!.address() as AddressInfo).port;
        resolve();
      });
    });
  const stop = () => new Promise<void>((resolve) => void server!.close(() => resolve()));
  const origin = () => `http://127.0.0.1:${port}`;
  await start();

  const token: Issuer['token'] = async (claims = {}, { alg = 'ES256', kid = alg, key } = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: origin(), aud: 'merit', sub: 'someone', iat: now, exp: now + 300, ...claims };
    const given = Object.entries(payload).filter(([, value]) => value !== undefined);
    return new SignJWT(Object.fromEntries(given) as JWTPayload)
      .setProtectedHeader({ alg, kid })
      .sign(key ?? keys.get(alg)!.privateKey);
  };
  return { issuer: origin(), token, publicKeyOf: (alg) => keys.get(alg)!.publicKey, requests, stop, start };
}
