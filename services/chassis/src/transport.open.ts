import type { Logger } from 'pino';
import { isTracing } from './tracing.js';
import type { EventTransport } from './transport.js';
import { measuredTransport } from './transport.measured.js';
import { tracedTransport } from './transport.traced.js';

export interface TransportEnv {
  /** `host:port,host:port` */
  readonly KAFKA_BROKERS?: string | undefined;
  readonly EVENT_LOG_URL?: string | undefined;
}

/**
 * The transport that the configuration names: Kafka where there are brokers, else the log in PostgreSQL. It connects at
 * first use. Each adapter is loaded only where it is used, for the memory.
 * @param onCrash a reader has stopped for good; unless told, the process ends with 1, for its supervisor to start it again
 */
export async function openTransport(
  { KAFKA_BROKERS, EVENT_LOG_URL }: TransportEnv,
  log: Logger,
  onCrash: (error: Error) => void = () => process.exit(1),
): Promise<EventTransport> {
  if (KAFKA_BROKERS) {
    const { openKafka } = await import('./transport.kafka.js');
    const brokers = KAFKA_BROKERS.split(',').map((broker) => broker.trim());
    return shown(openKafka({ brokers, log, onCrash }), 'kafka');
  }
  if (EVENT_LOG_URL) {
    const { openPostgresLog } = await import('./transport.postgres.js');
    return shown(openPostgresLog({ url: EVENT_LOG_URL, log }), 'postgresql');
  }
  throw new Error('There is nothing to carry events: set KAFKA_BROKERS, or EVENT_LOG_URL for the embedded log.');
}

/** With figures, and with spans where they are recorded. */
const shown = (transport: EventTransport, system: string): EventTransport => {
  const measured = measuredTransport(transport);
  return isTracing() ? tracedTransport(measured, system) : measured;
};
