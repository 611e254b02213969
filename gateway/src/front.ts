/** Answers that are kept, given before anything else looks at the request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestIdOf } from '@merit/chassis/api/http';
import { registry } from '@merit/chassis/telemetry';
import { Counter } from 'prom-client';
import type { Cache, Kept } from './cache.js';

/** As it leaves: a status, headers one after the other as Node takes them, and a body. */
export interface Ready {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
}

/** An answer that is ready for whoever asks, by the headers of the request. */
export interface Answer extends Kept {
  readonly ready: (headers: IncomingMessage['headers']) => Ready;
}

export interface Front {
  /** Gives what is kept; false for a request that has to be looked at. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** An address that was looked at asks for what is kept under this key. */
  readonly learn: (address: string | undefined, key: string) => void;
  /** From now on every request is looked at: the last answer of a connection has to say that it is the last. */
  readonly stop: () => void;
}

/** An address of a known document has about 100 characters; there are as many as ways to write its variables. */
const MOST_ADDRESSES = 20_000;
const LONGEST_ADDRESS = 500;

export const asked = new Counter({
  name: 'merit_gateway_known_total',
  help: 'Known documents asked for, by what the answer came from: kept (most of these are no part of merit_request_seconds), made, or aside (the cache stood aside)',
  labelNames: ['outcome'],
  registers: [registry],
  collect() {
    this.inc({ outcome: 'kept' }, given);
    given = 0;
  },
});
/** Since the figure was last told: of all that a kept answer costs, telling of each one would be a tenth. */
let given = 0;

/**
 * No hook, no route, no promise and no line in the log: what is kept costs about what plain Node costs. An address is
 * known by its text once it was understood and answered in full.
 */
export function openFront({ cache, fresh }: { cache: Cache<Answer>; fresh: () => boolean }): Front {
  const keys = new Map<string, string>();
  let open = true;
  return {
    answer(request, response) {
      const key = open && request.method === 'GET' ? keys.get(request.url!) : undefined;
      if (key === undefined || !fresh()) return false;
      const kept = cache.get(key);
      if (!kept) return false;
      given += 1;
      const { status, headers, body } = kept.ready(request.headers);
      response.writeHead(status, [...headers, 'x-request-id', requestIdOf(request.headers['x-request-id'])]).end(body);
      return true;
    },
    learn(address, key) {
      if (!address || address.length > LONGEST_ADDRESS) return;
      if (keys.size >= MOST_ADDRESSES) keys.delete(keys.keys().next().value!);
      keys.set(address, key);
    },
    stop: () => {
      open = false;
    },
  };
}
