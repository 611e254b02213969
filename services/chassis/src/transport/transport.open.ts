import type { Logger } from 'pino';
import { type KafkaEnv, kafkaOptions } from '../env.kafka.js';
import { isTracing } from '../tracing.js';
import type { EventTransport } from './transport.js';
import { measuredTransport } from './transport.measured.js';
import { tracedTransport } from './transport.traced.js';

export interface TransportEnv extends KafkaEnv {
  readonly NODE_ENV?: string | undefined;
  readonly EVENT_LOG_URL?: string | undefined;
}

/**
 * The transport that the configuration names: Kafka where there are brokers, else the log in PostgreSQL. It connects at
 * first use, and again for as long as it takes. Each adapter is loaded only where it is used, for the memory.
 */
export async function openTransport(env: TransportEnv, log: Logger): Promise<EventTransport> {
  const kafka = kafkaOptions(env);
  if (kafka) {
    const { openKafka } = await import('./transport.kafka.js');
    return shown(openKafka({ ...kafka, log }), 'kafka');
  }
  if (env.EVENT_LOG_URL) {
    const { openPostgresLog } = await import('./transport.postgres.js');
    return shown(openPostgresLog({ url: env.EVENT_LOG_URL, log }), 'postgresql');
  }
  throw new Error('There is nothing to carry events: set KAFKA_BROKERS, or EVENT_LOG_URL for the embedded log.');
}

/** With figures, and with spans where they are recorded. */
const shown = (transport: EventTransport, system: string): EventTransport => {
  const measured = measuredTransport(transport);
  return isTracing() ? tracedTransport(measured, system) : measured;
};
