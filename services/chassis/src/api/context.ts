/** What a request carries to its resolvers, and the memory that lives as long as it does. */
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import type { Viewer } from './viewer.js';

export interface ServiceContext {
  readonly db: DataSource;
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly traceparent: string | null;
  /** Why the viewer asks, in their own words, where they say so. */
  readonly purpose?: string | null;
  readonly now: () => Date;
  /** A new UUIDv7: ids sort by the time they were made. */
  readonly newId: () => string;
  /** Subject of the first ADMIN, from configuration. */
  readonly firstAdmin: string | null;
  /** How far this service has read what others publish; absent where it depends on nobody's events. */
  readonly freshness?: Freshness | undefined;
}

export interface Freshness {
  /** How old the knowledge of others' events is, in milliseconds, by the database's clock: that of a process may be wrong. */
  readonly ageMs: () => Promise<number>;
  /** Older than this, and what is known may no longer be relied on. Milliseconds. */
  readonly limitMs: number;
}

/** The trace in which what a request does stands: that of its command's span while one runs, else the request's own. */
export const traceOf = (context: ServiceContext): string | null => commands.get(context) ?? context.traceparent;

/** Runs a request's command in a trace: mutations of one request run one after the other. */
export async function inTrace<R>(
  context: ServiceContext,
  traceparent: string | null,
  run: () => Promise<R>,
): Promise<R> {
  if (traceparent !== null) commands.set(context, traceparent);
  try {
    return await run();
  } finally {
    commands.delete(context);
  }
}

const commands = new WeakMap<ServiceContext, string>();
const memories = new WeakMap<ServiceContext, Map<unknown, unknown>>();

/** The value that `make` gave for this key in this request; made at the first call. */
export function remembered<T>(context: ServiceContext, key: unknown, make: () => T): T {
  const memory = memories.get(context) ?? new Map<unknown, unknown>();
  memories.set(context, memory);
  if (!memory.has(key)) memory.set(key, make());
  return memory.get(key) as T;
}

/** Drops what a request has read so far: after a command, it is read again. */
export const forget = (context: ServiceContext): boolean => memories.delete(context);

type Batch<K, V> = (context: ServiceContext, keys: readonly K[]) => Promise<readonly (V | Error)[]>;

/**
 * Batches and caches one kind of read for the length of a request: `load(context, employeesById, id)`.
 * The batch function is a constant of its module; it gets the context and the distinct keys, and answers in their order.
 * Keys may be plain objects, which are equal when they read the same.
 */
export function load<K, V>(context: ServiceContext, batch: Batch<K, V>, key: K): Promise<V> {
  const loader = remembered(
    context,
    batch,
    () =>
      new DataLoader<K, V, unknown>((keys) => batch(context, keys), {
        maxBatchSize: 1000,
        cacheKeyFn: (key) => (typeof key === 'object' ? JSON.stringify(key) : key),
      }),
  );
  return loader.load(key);
}
