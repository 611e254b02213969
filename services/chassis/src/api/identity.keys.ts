/** The issuer's signing keys: found by discovery, kept, renewed, and of use for a while when the issuer is away. */
import { setTimeout as pause } from 'node:timers/promises';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { Gauge } from 'prom-client';
import { DomainError } from '../errors.js';
import type { Logger } from '../log.js';
import { registry } from '../telemetry.js';

/** From this age on the keys are fetched again while they serve. Milliseconds. */
const RENEW_MS = 5 * 60_000;
/** Keys of this age serve only while the issuer is away: one that was withdrawn is refused by then. Milliseconds. */
const FRESH_MS = 10 * 60_000;
/** And beyond this age they do not serve at all. Milliseconds. */
const USABLE_MS = 24 * 3_600_000;
/** Between the beginnings of two fetches; tokens of invented keys could else have the issuer asked without end. Milliseconds. */
const APART_MS = 250;
/** The longest that a fetch may take: discovery and keys together. Milliseconds. */
const FETCH_MS = 5_000;

export interface IssuerKeys {
  /**
   * The key of a token, as `jwtVerify` asks for it. One that is not known is asked for once for all that wait for it.
   * @throws IDENTITY_UNAVAILABLE when the issuer cannot be asked; JWKSNoMatchingKey when it does not know the key either
   */
  readonly find: JWTVerifyGetKey;
  /**
   * A number that changes with the keys: what was verified under another is to be verified again.
   * @throws IDENTITY_UNAVAILABLE when there are no keys that may serve
   */
  readonly edition: () => Promise<number>;
}

interface Held {
  readonly jwks: string;
  readonly find: JWTVerifyGetKey;
  /** When the fetch that gave them began: what the issuer did before, they tell. */
  readonly asOf: number;
  readonly edition: number;
}

/** The keys of an issuer, fetched at the first token. What goes wrong with it is logged once, and so is its return. */
export function issuerKeys(issuer: string, log?: Pick<Logger, 'warn' | 'info'>): IssuerKeys {
  let held: Held | undefined;
  let begunAt = Number.NEGATIVE_INFINITY;
  /** Since when it has failed, and when it did last. */
  let away: { readonly since: number; readonly last: number } | undefined;
  let renewing: Promise<void> | undefined;
  const age = () => (held ? now() - held.asOf : Number.POSITIVE_INFINITY);
  secondsAway = () => (away ? (now() - away.since) / 1000 : 0);

  /** One fetch at a time, for all who wait. @throws IDENTITY_UNAVAILABLE */
  const renew = (): Promise<void> => {
    renewing ??= fetchNext().finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  async function fetchNext(): Promise<void> {
    if (away && now() - away.last < APART_MS) throw unavailable();
    await pause(Math.max(0, begunAt + APART_MS - now()));
    begunAt = now();
    try {
      held = await fetchKeys(issuer, begunAt, held);
      if (away) log?.info('the identity provider gives its keys again');
      away = undefined;
    } catch (err) {
      if (!away) log?.warn({ err }, 'the identity provider does not give its keys');
      away = { since: away?.since ?? now(), last: now() };
      throw unavailable();
    }
  }

  return {
    async find(header, token) {
      const arrivedAt = now();
      for (;;) {
        if (held && age() <= USABLE_MS) {
          try {
            return await held.find(header, token);
          } catch (error) {
            // The key may be newer than what is held, and is not newer than this request.
            if (!(error instanceof errors.JWKSNoMatchingKey) || held.asOf >= arrivedAt) throw error;
          }
        }
        await renew();
      }
    },
    async edition() {
      if (age() > USABLE_MS) await renew();
      else if (age() > FRESH_MS && !away) await renew().catch(() => undefined);
      else if (age() > RENEW_MS) void renew().catch(() => undefined);
      return held!.edition; // a renewal that fails throws when none are held
    },
  };
}

/** Milliseconds of a clock that nobody sets. */
const now = (): number => performance.now();

const unavailable = (): DomainError =>
  new DomainError('IDENTITY_UNAVAILABLE', 'The identity provider cannot be reached. Try again in a few seconds.', {
    retryAfterSeconds: 5,
  });

async function fetchKeys(issuer: string, asOf: number, before: Held | undefined): Promise<Held> {
  const signal = AbortSignal.timeout(FETCH_MS);
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const metadata = await fetchJson<{ issuer?: unknown; jwks_uri?: unknown }>(place, signal);
  if (metadata.issuer !== issuer) throw new Error(`${place} is of another issuer`);
  const keys = await fetchJson<JSONWebKeySet>(String(metadata.jwks_uri), signal);
  const find = createLocalJWKSet(keys); // throws when it is none
  if (keys.keys.length === 0) throw new Error(`${place} leads to no keys`);
  const jwks = JSON.stringify(keys);
  const edition = (before?.edition ?? 0) + (jwks === before?.jwks ? 0 : 1);
  return { jwks, find, asOf, edition };
}

async function fetchJson<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}

/** Of the issuer of this process. */
let secondsAway: () => number = () => 0;
new Gauge({
  name: 'merit_identity_away_seconds',
  aggregator: 'max',
  help: 'For how long the identity provider has not given its keys when it was asked; 0 while it does',
  registers: [registry],
  collect() {
    this.set(secondsAway());
  },
});
