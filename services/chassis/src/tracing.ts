/**
 * Spans: what a request, a command, a relay or a reader did, in the trace that it belongs to. Without a receiver nothing
 * of the SDK is loaded and nothing is recorded; a trace that came from outside goes on as it came.
 */
import {
  type Attributes,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { DomainError, domainErrorOf } from './errors.js';
import type { Logger } from './log.js';
import { within } from './pause.js';
import { traceparentOf } from './telemetry.js';

export { SpanKind } from '@opentelemetry/api';

/** What a span of ours begins with. Attributes name no person: ids of aggregates and keys are left out. */
export interface SpanStart {
  /** The `traceparent` it goes on from; null begins a trace. */
  readonly parent: string | null;
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Other traces' spans that it has to do with. */
  readonly links?: readonly (string | null | undefined)[];
  /** Now unless told. */
  readonly startedAt?: Date | undefined;
}

export interface OpenSpan {
  /** What is passed on to whoever goes on from here; the parent's own where nothing is recorded. */
  readonly traceparent: string | null;
  set(attributes: Attributes): void;
  /** Ends it; with an error it has failed, by the error's code and never its words, which may quote a person. */
  end(error?: unknown, at?: Date): void;
}

/** Kept from the global one: a library with spans of its own (the gateway's) would send them as traces without a parent. */
let tracer: Tracer = trace.getTracer('merit');
let recording = false;

/** Whether spans go anywhere. */
export const isTracing = (): boolean => recording;

export interface TracingEnv {
  /** Where OTLP over HTTP is received; without it nothing is recorded. */
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  /** The share of traces that begin here and are recorded, 0 to 1. One that came goes by what its traceparent says. */
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

const LAST_SPANS_MS = 3_000;

/**
 * Begins to record and send spans, where there is a receiver to send them to. Called before the transport is opened.
 * @param service `competency`
 * @returns how to end it: what is left is sent, for at most 3 s
 */
export async function startTracing(
  service: string,
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio }: TracingEnv,
  log: Logger,
): Promise<() => Promise<void>> {
  if (endpoint === undefined) return async () => undefined;
  const { openSdk } = await import('./tracing.sdk.js');
  const sdk = openSdk({ service, ratio }, log);
  tracer = sdk.tracer;
  recording = true;
  log.info({ endpoint: new URL(endpoint).origin, ratio }, 'traces are sent');
  return async () => {
    await within(LAST_SPANS_MS, sdk.close()).catch(() => log.warn('the last spans could not be sent'));
  };
}

export function openSpan(name: string, { parent, kind, attributes, links, startedAt }: SpanStart): OpenSpan {
  const span = tracer.startSpan(
    name,
    {
      kind: kind ?? SpanKind.INTERNAL,
      attributes: attributes ?? {},
      links: (links ?? []).flatMap((link) => placeOf(link) ?? []).map((context) => ({ context })),
      ...(startedAt ? { startTime: startedAt } : {}),
    },
    below(parent),
  );
  return {
    traceparent: traceparentOfSpan(span),
    set: (attributes) => void span.setAttributes(attributes),
    end(error, at) {
      if (error !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute('error.type', typeOf(error));
      }
      span.end(at);
    },
  };
}

/** Runs work in a span that ends with it. */
export async function inSpan<R>(name: string, start: SpanStart, run: (span: OpenSpan) => Promise<R>): Promise<R> {
  const span = openSpan(name, start);
  try {
    const result = await run(span);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/** Whether the trace is one that is recorded, as whoever began it has decided. */
export const isSampled = (traceparent: string | null | undefined): boolean =>
  ((placeOf(traceparent)?.traceFlags ?? 0) & 1) === 1;

function placeOf(traceparent: string | null | undefined): SpanContext | undefined {
  const valid = traceparentOf(traceparent);
  if (valid === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = valid.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function below(parent: string | null): Context {
  const place = placeOf(parent);
  return place ? trace.setSpanContext(ROOT_CONTEXT, place) : ROOT_CONTEXT;
}

function traceparentOfSpan(span: Span): string | null {
  const place = span.spanContext();
  if (!isSpanContextValid(place)) return null;
  return `00-${place.traceId}-${place.spanId}-${place.traceFlags.toString(16).padStart(2, '0')}`;
}

function typeOf(error: unknown): string {
  const known = error instanceof DomainError ? error : domainErrorOf(error);
  if (known) return known.code;
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' && code !== '' ? code : typeof name === 'string' ? name : 'Error';
}
