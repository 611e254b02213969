/** The bearer token of a request → who is asking. The gateway and every service use this same file. */
import { createHash } from 'node:crypto';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { DomainError } from '../errors.js';
import type { Logger } from '../log.js';
import { issuerKeys } from './identity.keys.js';
import { type ClaimNames, PUBLIC, type Viewer, viewerOf } from './viewer.js';

export interface IdentityOptions extends Partial<ClaimNames> {
  /** The `iss` of its tokens; its keys are found by OpenID Connect discovery. */
  readonly issuer: string;
  /** The `aud` that a token must name. */
  readonly audience: string;
}

/** The variables of every process that asks who is asking. */
interface IdentityEnv {
  readonly OIDC_ISSUER: string;
  readonly OIDC_AUDIENCE: string;
  readonly OIDC_EMPLOYEE_CLAIM: string;
  readonly OIDC_CLIENT_CLAIM: string;
}

export const identityOf = (env: IdentityEnv): IdentityOptions => ({
  issuer: env.OIDC_ISSUER,
  audience: env.OIDC_AUDIENCE,
  employeeClaim: env.OIDC_EMPLOYEE_CLAIM,
  clientClaim: env.OIDC_CLIENT_CLAIM,
});

export type Verifier = (authorization: string | undefined) => Promise<Viewer>;

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
/** How far the clocks of the issuer and of this machine may differ. Seconds. */
const SKEW_SECONDS = 30;
/** Verified tokens that are remembered; about 300 bytes each. */
const REMEMBERED = 10_000;
/** A header with a token has a few hundred characters to two thousand; what is longer is refused unread. */
const MOST_CHARACTERS = 8_192;

/**
 * A function from the `authorization` header to the viewer. No header is the public; a bad token never is.
 * @throws UNAUTHENTICATED for a header that is no good token; IDENTITY_UNAVAILABLE while the issuer cannot be reached
 *   and the keys to judge by are not known, or too old
 */
export function createVerifier(options: IdentityOptions, log?: Pick<Logger, 'warn' | 'info'>): Verifier {
  const { issuer, audience, employeeClaim = 'merit_employee', clientClaim = 'merit_client' } = options;
  const keys = issuerKeys(issuer, log);
  const known = rememberTokens();
  return async (authorization) => {
    if (authorization === undefined) return PUBLIC;
    const token = tokenIn(authorization);
    if (token === undefined) throw unauthenticated();
    const edition = await keys.edition();
    const digest = createHash('sha256').update(token).digest('base64');
    const remembered = known.get(digest, edition);
    if (remembered) return remembered;
    const claims = await verify(token, keys.find, { issuer, audience });
    const viewer = viewerOf(claims, { employeeClaim, clientClaim });
    if (!viewer) throw unauthenticated();
    known.set(digest, edition, viewer, Number(claims['exp']) * 1000);
    return viewer;
  };
}

const tokenIn = (authorization: string): string | undefined =>
  authorization.length > MOST_CHARACTERS ? undefined : /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(authorization)?.[1];

async function verify(token: string, find: JWTVerifyGetKey, who: { issuer: string; audience: string }) {
  try {
    const { payload } = await jwtVerify(token, find, {
      ...who,
      algorithms: ALGORITHMS,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['sub', 'exp'],
    });
    return payload;
  } catch (error) {
    throw error instanceof errors.JOSEError ? unauthenticated() : error; // what is not the token's fault is not called so
  }
}

const unauthenticated = (): DomainError =>
  new DomainError('UNAUTHENTICATED', 'The token is not valid or has expired. Sign in again.');

/**
 * Viewers by their token's digest, until the token expires or the issuer's keys change: one that a withdrawn key signed
 * is then no good. The oldest goes when there are too many.
 */
export function rememberTokens(most = REMEMBERED) {
  const tokens = new Map<string, { readonly edition: number; readonly viewer: Viewer; readonly expiresAt: number }>();
  return {
    get(digest: string, edition: number): Viewer | undefined {
      const entry = tokens.get(digest);
      if (entry && entry.edition === edition && entry.expiresAt > Date.now()) return entry.viewer;
      tokens.delete(digest);
      return undefined;
    },
    set(digest: string, edition: number, viewer: Viewer, expiresAt: number): void {
      if (tokens.size >= most) tokens.delete(tokens.keys().next().value!);
      tokens.set(digest, { edition, viewer, expiresAt });
    },
  };
}
