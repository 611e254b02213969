/** OpenTelemetry's SDK: the only file that loads it, and loaded only where spans are sent. */
import { randomUUID } from 'node:crypto';
import { DiagLogLevel, diag, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from './log.js';

/** Sent so soon, a trace can be looked at a moment after it happened. Milliseconds. */
const SEND_EVERY_MS = 1_000;

/**
 * Spans to `OTEL_EXPORTER_OTLP_ENDPOINT`, in batches, beside the work: when the receiver is slow or gone, at most 2,048
 * spans wait and further ones are dropped. The exporter itself reads its other variables, such as
 * `OTEL_EXPORTER_OTLP_HEADERS`, and `OTEL_RESOURCE_ATTRIBUTES` adds to what the process says of itself.
 */
export function openSdk(
  { service, ratio }: { service: string; ratio: number },
  log: Logger,
): { tracer: Tracer; close: () => Promise<void> } {
  const say = (text: string) => log.warn({ tracing: text.slice(0, 500) }, 'spans could not be sent');
  const nothing = () => undefined;
  diag.setLogger(
    { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.namespace': 'merit',
          'service.name': service,
          'service.instance.id': randomUUID(),
        }),
      )
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: SEND_EVERY_MS }),
    ],
  });
  return { tracer: provider.getTracer('merit'), close: () => provider.shutdown() };
}
