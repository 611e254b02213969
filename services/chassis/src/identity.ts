/** The bearer token of a request → who is asking. The gateway and every service use this same file. */
import { createHash } from 'node:crypto';
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { DomainError } from './errors.js';
import { type ClaimNames, PUBLIC, type Viewer, viewerOf } from './viewer.js';

export interface IdentityOptions extends Partial<ClaimNames> {
  /** The `iss` of its tokens; its keys are found by OpenID Connect discovery. */
  readonly issuer: string;
  /** The `aud` that a token must name. */
  readonly audience: string;
}

export type Verifier = (authorization: string | undefined) => Promise<Viewer>;

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
/** How far the clocks of the issuer and of this machine may differ. Seconds. */
const SKEW_SECONDS = 30;
/** Verified tokens that are remembered; about 300 bytes each. */
const REMEMBERED = 10_000;
/** A token is a few hundred bytes; what is longer costs time to refuse. Characters. */
const MAX_TOKEN_LENGTH = 8_192;
const DISCOVERY_TIMEOUT_MS = 3_000;

/**
 * A function from the `authorization` header to the viewer. No header is the public; a bad token never is.
 * @throws UNAUTHENTICATED for a header that is no good token; IDENTITY_UNAVAILABLE while the issuer cannot be reached
 *   and its keys are not known
 */
export function createVerifier(options: IdentityOptions): Verifier {
  const names = {
    employeeClaim: options.employeeClaim ?? 'merit_employee',
    clientClaim: options.clientClaim ?? 'merit_client',
  };
  const keys = issuerKeys(options.issuer);
  const known = rememberTokens();
  return async (authorization) => {
    if (authorization === undefined) return PUBLIC;
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(authorization)?.[1];
    if (!token || token.length > MAX_TOKEN_LENGTH) throw unauthenticated();
    const digest = createHash('sha256').update(token).digest('base64');
    const remembered = known.get(digest);
    if (remembered) return remembered;
    const { issuer, audience } = options;
    const claims = await verify(token, keys, { issuer, audience });
    const viewer = viewerOf(claims, names);
    if (!viewer) throw unauthenticated();
    known.set(digest, viewer, Number(claims['exp']) * 1000);
    return viewer;
  };
}

async function verify(token: string, keys: JWTVerifyGetKey, who: { issuer: string; audience: string }) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...who,
      algorithms: ALGORITHMS,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (error) {
    throw error instanceof DomainError ? error : unauthenticated();
  }
}

const unauthenticated = (): DomainError =>
  new DomainError('UNAUTHENTICATED', 'The token is not valid or has expired. Sign in again.');

const unavailable = (): DomainError =>
  new DomainError('IDENTITY_UNAVAILABLE', 'The identity provider cannot be reached. Try again in a few seconds.', {
    retryAfterSeconds: 5,
  });

/**
 * The issuer's keys: discovered at the first token, renewed every ten minutes and when a token names an unknown one.
 * While the issuer is away, the keys known last go on to serve.
 */
function issuerKeys(issuer: string): JWTVerifyGetKey {
  let discovery: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  return async (header, token) => {
    discovery ??= discover(issuer);
    const remote = await discovery.catch(() => {
      discovery = undefined;
      throw unavailable();
    });
    try {
      return await remote(header, token);
    } catch (error) {
      if (isFaultOfToken(error)) throw error;
      const last = remote.jwks();
      if (!last) throw unavailable();
      return createLocalJWKSet(last)(header, token);
    }
  };
}

const isFaultOfToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

async function discover(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const metadata = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (metadata.issuer !== issuer) throw new Error(`${url} is of another issuer`);
  return createRemoteJWKSet(new URL(String(metadata.jwks_uri)), { timeoutDuration: DISCOVERY_TIMEOUT_MS });
}

/** Viewers by their token's digest, until the token expires; the oldest goes when there are too many. */
function rememberTokens() {
  const tokens = new Map<string, { readonly viewer: Viewer; readonly expiresAt: number }>();
  return {
    get(digest: string): Viewer | undefined {
      const entry = tokens.get(digest);
      if (entry && entry.expiresAt > Date.now()) return entry.viewer;
      tokens.delete(digest);
      return undefined;
    },
    set(digest: string, viewer: Viewer, expiresAt: number): void {
      if (tokens.size >= REMEMBERED) tokens.delete(tokens.keys().next().value!);
      tokens.set(digest, { viewer, expiresAt });
    },
  };
}
