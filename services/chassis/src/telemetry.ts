/** What a process tells of itself: figures for Prometheus, and the trace that a request belongs to. */
import { collectDefaultMetrics, Registry } from 'prom-client';

/** Every figure of this process; served at `/metrics`. */
export const registry = new Registry();

/** Adds memory, event loop and garbage collection, once a process. */
export function measureProcess(): void {
  if (!registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: registry });
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A `traceparent` header (W3C Trace Context, version 00) as it came, when it has the right form; else null. */
export const traceparentOf = (header: unknown): string | null =>
  typeof header === 'string' && TRACEPARENT.test(header) ? header : null;

/** The trace's id, which logs of all services share: 32 hexadecimal digits. */
export const traceIdOf = (traceparent: string | null): string | undefined => traceparent?.slice(3, 35);
