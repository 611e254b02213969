/** A transport whose work can be looked at in figures. */
import { Counter, Gauge, Histogram } from 'prom-client';
import { registry } from '../telemetry.js';
import type { EventTransport, GroupSubscription } from './transport.js';

const seconds = new Histogram({
  name: 'merit_transport_publish_seconds',
  help: 'Time from handing a batch over until it was durable.',
  labelNames: ['topic'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
  registers: [registry],
});
const sizes = new Histogram({
  name: 'merit_transport_publish_records',
  help: 'How many records a batch had that was published; heartbeats count too.',
  labelNames: ['topic'],
  buckets: [1, 5, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000],
  registers: [registry],
});
const failures = new Counter({
  name: 'merit_transport_failures_total',
  help: 'What the transport was asked for and did not do: publish, subscribe, lag, topics.',
  labelNames: ['operation'],
  registers: [registry],
});
const connections = new Counter({
  name: 'merit_transport_connections_total',
  help: 'Connections made, by what they are for: publish, read (on Kafka each time the group divides its partitions anew). More than the first are reconnections.',
  labelNames: ['purpose'],
  registers: [registry],
});

/** A connection stands; called by the adapters. */
export const connected = (purpose: 'publish' | 'read'): void => connections.inc({ purpose });

const readers = new Map<string, Pick<GroupSubscription, 'ready'>>();
/** A group is about to be read: until it is, its reader counts as one without connection. */
export const willRead = (group: string): unknown => readers.set(group, { ready: () => false });
/** It is read no longer. */
export const readsNoMore = (group: string): boolean => readers.delete(group);
new Gauge({
  name: 'merit_transport_reading',
  help: 'Whether the reader of a group is connected: 1 or 0. One that stands by is connected.',
  labelNames: ['group'],
  registers: [registry],
  collect() {
    this.reset();
    for (const [group, reader] of readers) this.set({ group }, reader.ready() ? 1 : 0);
  },
});

/** Counts and times what a transport does. */
export const measuredTransport = (transport: EventTransport): EventTransport => ({
  ensureTopics: (topics) => counted('topics', transport.ensureTopics(topics)),
  async publish(topic, records) {
    const took = seconds.startTimer({ topic });
    await counted('publish', transport.publish(topic, records));
    took();
    sizes.observe({ topic }, records.length);
  },
  async subscribe(group, topics, onChunk) {
    const reader = await counted('subscribe', transport.subscribe(group, topics, onChunk));
    readers.set(group, reader);
    return {
      ready: reader.ready,
      stop: async () => {
        readsNoMore(group);
        await reader.stop();
      },
    };
  },
  lag: (group, topics) => counted('lag', transport.lag(group, topics)),
  close: transport.close,
});

async function counted<R>(operation: string, asked: Promise<R>): Promise<R> {
  try {
    return await asked;
  } catch (error) {
    failures.inc({ operation });
    throw error;
  }
}
