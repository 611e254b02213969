/** The answers that are kept, and the events that drop them. */
import { performance } from 'node:perf_hooks';
import type { Logger } from '@merit/chassis/log';
import { registry } from '@merit/chassis/telemetry';
import type { EventTransport } from '@merit/chassis/transport/transport';
import { Gauge } from 'prom-client';
import { type Cache, createCache } from './cache.js';
import type { Answer } from './front.js';
import { openStream } from './stream.js';
import { TOPICS, tagsOfEvent } from './tags.js';

export interface KeepingOptions {
  readonly log: Logger;
  readonly events?:
    | {
        readonly transport: EventTransport;
        /** This process's own name among the readers of events. */
        readonly group: string;
      }
    | undefined;
}

export interface Keeping {
  readonly cache: Cache<Answer>;
  readonly fresh: () => boolean;
  readonly stop: () => Promise<void>;
}

const MOST_BYTES = 64 * 1024 * 1024;
/** The net: what no event speaks of, such as a complaint's limit that passes, is at most so old. */
const TTL_MS = 60_000;
/**
 * A service that shows what another one tells hears of it at about the same time as we do. What was made of its answer
 * in that moment is dropped once more.
 */
const AGAIN_AFTER_MS = 1_000;

/** Without events nothing is kept. */
export function openKeeping({ events, log }: KeepingOptions): Keeping {
  const cache = createCache<Answer>({ mostBytes: MOST_BYTES, ttlMs: TTL_MS, now: () => performance.now() });
  if (!events) return { cache, fresh: () => false, stop: async () => undefined };
  const later = new Set<NodeJS.Timeout>();
  const stream = openStream({
    ...events,
    topics: TOPICS,
    log,
    onEvent: (event) => {
      const tags = tagsOfEvent(event);
      if (tags.length === 0) return;
      cache.drop(tags);
      const again = setTimeout(() => {
        later.delete(again);
        cache.drop(tags);
      }, AGAIN_AFTER_MS);
      later.add(again);
    },
    onGap: cache.clear,
  });
  size.collect = () => size.set(cache.bytes());
  return {
    cache,
    fresh: stream.fresh,
    async stop() {
      for (const again of later) clearTimeout(again);
      await stream.stop();
    },
  };
}

/** Its value is read when it is asked for. */
const size: Gauge & { collect?: () => void } = new Gauge({
  name: 'merit_gateway_kept_bytes',
  help: 'What the kept answers take up',
  registers: [registry],
});
