/** A client as the world has them: it asks with a key, and asks again with the same key until it is told. */
import { setTimeout as pause } from 'node:timers/promises';
import type { World } from './world.js';

/** What passes when something has gone and comes back. Anything else is an answer that no client should have got. */
const PASSING = new Set([
  'NO_ANSWER',
  'SERVICE_UNAVAILABLE',
  'TIMEOUT',
  'OVERLOADED',
  'ACCESS_NOT_LOGGED',
  'BUSY',
  'IDEMPOTENCY_IN_PROGRESS',
  'DIRECTORY_STALE',
]);
/** What may be so until a service has heard of what another was told a moment before. */
const NOT_YET = /_NOT_FOUND$|_UNKNOWN$|^FORBIDDEN$/;
const NOT_YET_MS = 60_000;
const ANSWER_WITHIN_MS = 30_000;

export interface Answered {
  // biome-ignore lint/suspicious/noExplicitAny: a GraphQL answer is what the query asked for
  readonly data: any;
  readonly askedAt: number;
  readonly at: number;
  /** How often it had to be asked again. */
  readonly repeated: number;
}

export class Refused extends Error {}

/**
 * Asks until there is an answer without an error.
 * @throws Refused for an answer that does not pass, and when `until` has come
 */
export async function askPatiently(
  { merit, token }: Pick<World, 'merit' | 'token'>,
  query: string,
  variables: Record<string, unknown>,
  until: () => boolean,
): Promise<Answered> {
  const askedAt = Date.now();
  for (let repeated = 0; ; repeated += 1) {
    const { code, text, data } = await askOnce(`${merit.gatewayUrl}/graphql`, token, query, variables);
    if (code === null) return { data, askedAt, at: Date.now(), repeated };
    const notYet = NOT_YET.test(code) && Date.now() - askedAt < NOT_YET_MS;
    if (!PASSING.has(code) && !notYet) throw new Refused(text);
    if (until()) throw new Refused(`no answer in time, the last one ${text}`);
    await pause(50 + Math.random() * 100);
  }
}

/** Of an error without a code it is known that no client should get it. */
const codeOf = (errors: { extensions?: { code?: string } }[]): string => errors[0]?.extensions?.code ?? 'NO_CODE';

/** Whether an answer without an error has everything that was asked for. */
function hasAll(data: unknown): boolean {
  if (typeof data !== 'object') return true;
  return data !== null && Object.values(data).every(hasAll);
}

async function askOnce(url: string, token: string, query: string, variables: object) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    const { data = null, errors = [] } = JSON.parse(text);
    if (errors.length > 0) return { code: codeOf(errors), text: text.slice(0, 500), data };
    const code = hasAll(data) ? null : 'NO_DATA';
    return { code, text: text.slice(0, 500), data };
  } catch (error) {
    return { code: 'NO_ANSWER', text: String(error), data: null };
  }
}
