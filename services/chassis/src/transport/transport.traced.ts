/** A transport that shows in each event's own trace what became of it, and that the events it reads go on from there. */
import type { Attributes } from '@opentelemetry/api';
import { isSampled, type OpenSpan, openSpan, SpanKind } from '../tracing.js';
import { isHeartbeat } from './envelope.js';
import type { Chunk, ChunkHandler, EventRecord, EventTransport } from './transport.js';

/**
 * Publishing and reading with spans around them. A batch or chunk is a span of its own, in a trace of its own, linked to
 * the events in it; each event whose trace is recorded has a span below the one that its `traceparent` names. A record is
 * handed on with the `traceparent` of that span, so that what follows from it stands below it.
 * @param system `kafka`, or another name for what carries the events
 */
export const tracedTransport = (transport: EventTransport, system: string): EventTransport => ({
  ...transport,
  publish: (topic, records) => published(system, topic, records, () => transport.publish(topic, records)),
  subscribe: (group, topics, onChunk) => transport.subscribe(group, topics, tracedChunks(system, group, onChunk)),
});

async function published(
  system: string,
  topic: string,
  records: readonly EventRecord[],
  publish: () => Promise<void>,
): Promise<void> {
  const events = records.filter((record) => !isHeartbeat(record));
  if (events.length === 0) return publish();
  const now = new Date();
  const attributes = { 'messaging.system': system, 'messaging.destination.name': topic };
  const batch = openSpan(`send ${topic}`, {
    parent: null,
    kind: SpanKind.CLIENT,
    links: traceparentsOf(events),
    attributes: {
      ...attributes,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.batch.message_count': events.length,
    },
  });
  const spans = events.filter(isOfRecordedTrace).map((record) => {
    const parent = record.headers['traceparent'] ?? null;
    const about = { ...attributes, ...aboutOf(record) };
    const waited = {
      parent,
      attributes: { ...about, 'messaging.operation.name': 'outbox' },
      startedAt: writtenAt(record, now),
    };
    openSpan(`outbox ${typeOf(record)}`, waited).end(undefined, now);
    return openSpan(`publish ${typeOf(record)}`, {
      parent,
      kind: SpanKind.PRODUCER,
      links: [batch.traceparent],
      attributes: { ...about, 'messaging.operation.name': 'publish', 'messaging.operation.type': 'send' },
    });
  });
  await endingWithIt(() => [batch, ...spans], publish);
}

/** Never later than now: the writer's clock is the database's. */
const writtenAt = ({ headers }: EventRecord, now: Date): Date => {
  const at = new Date(headers['ce_recordedtime'] ?? Number.NaN);
  return at <= now ? at : now;
};

const tracedChunks =
  (system: string, group: string, onChunk: ChunkHandler): ChunkHandler =>
  (chunk) => {
    const events = chunk.records.filter((record) => !isHeartbeat(record));
    if (events.length === 0) return onChunk(chunk);
    const attributes = {
      'messaging.system': system,
      'messaging.destination.name': chunk.topic,
      'messaging.destination.partition.id': String(chunk.partition),
      'messaging.consumer.group.name': group,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
    };
    const whole = openSpan(`process ${chunk.topic}`, {
      parent: null,
      kind: SpanKind.CONSUMER,
      links: traceparentsOf(events),
      attributes: { ...attributes, 'messaging.batch.message_count': events.length },
    });
    const { records, spans } = withSpans(chunk, attributes, whole);
    const onSetAside = (offset: number, why: Error) => {
      spans.get(offset)?.end(why);
      spans.delete(offset);
    };
    return endingWithIt(
      () => [whole, ...spans.values()],
      () => onChunk({ ...chunk, records, onSetAside }),
    );
  };

function withSpans(chunk: Chunk, attributes: Attributes, whole: OpenSpan) {
  const spans = new Map<number, OpenSpan>();
  const records = chunk.records.map((record) => {
    if (isHeartbeat(record) || !isOfRecordedTrace(record)) return record;
    const span = openSpan(`process ${typeOf(record)}`, {
      parent: record.headers['traceparent'] ?? null,
      kind: SpanKind.CONSUMER,
      links: [whole.traceparent],
      attributes: { ...attributes, ...aboutOf(record), 'messaging.kafka.offset': record.offset },
    });
    spans.set(record.offset, span);
    return {
      ...record,
      headers: { ...record.headers, ...(span.traceparent ? { traceparent: span.traceparent } : {}) },
    };
  });
  return { records, spans };
}

/** @param spans that are open once the work has ended */
async function endingWithIt<R>(spans: () => readonly OpenSpan[], work: () => Promise<R>): Promise<R> {
  try {
    const result = await work();
    for (const span of spans()) span.end();
    return result;
  } catch (error) {
    for (const span of spans()) span.end(error);
    throw error;
  }
}

const isOfRecordedTrace = ({ headers }: EventRecord): boolean => isSampled(headers['traceparent']);
const traceparentsOf = (records: readonly EventRecord[]) => records.map(({ headers }) => headers['traceparent']);
const typeOf = ({ headers }: EventRecord): string => headers['ce_type'] ?? 'unknown';

/** Neither the key nor the subject: they may be a person's id. */
const aboutOf = ({ headers, value }: EventRecord): Attributes => ({
  'messaging.message.id': headers['ce_id'] ?? '',
  'messaging.message.body.size': value.byteLength,
  'cloudevents.event_id': headers['ce_id'] ?? '',
  'cloudevents.event_source': headers['ce_source'] ?? '',
  'cloudevents.event_type': typeOf({ headers } as EventRecord),
});
