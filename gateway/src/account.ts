/** What callers may spend a minute, which begins with their first request; in units of cost. Processes that share a port keep the accounts together. */
import cluster from 'node:cluster';
import { RateLimiterCluster, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface Balance {
  /** What is left, for the answer. */
  readonly headers: Readonly<Record<'ratelimit' | 'ratelimit-policy', string>>;
  /** Seconds until a caller who has spent too much may go on; null for the others. */
  readonly wait: number | null;
}

/** Takes a cost from a caller's account. */
export type Spend = (caller: string, cost: number) => Promise<Balance>;

/**
 * @param contract each contract has accounts of its own
 * @param perMinute what each caller may spend, in units of cost
 */
export function openAccounts(contract: string, perMinute: number): Spend {
  const options = { keyPrefix: contract, points: perMinute, duration: 60 };
  const accounts = cluster.isWorker ? new RateLimiterCluster(options) : new RateLimiterMemory(options);
  return async (caller, cost) => {
    const state = await accounts.consume(caller, cost).catch((over) => over as RateLimiterRes);
    if (!(state instanceof RateLimiterRes)) throw state;
    const seconds = Math.ceil(state.msBeforeNext / 1000);
    return {
      headers: {
        'ratelimit-policy': `"cost";q=${perMinute};w=60`,
        ratelimit: `"cost";r=${Math.max(0, perMinute - state.consumedPoints)};t=${seconds}`,
      },
      wait: state.consumedPoints > perMinute ? seconds : null,
    };
  };
}

/** What a caller is told whose account is empty. */
export const tooMuch = (wait: number): string => `Too much was asked for in a minute. Go on in ${wait} s.`;
