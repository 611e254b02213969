/** The connections to Kafka: with or without TLS, with or without a password. */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import type { Logger } from 'pino';

export interface KafkaSecurity {
  /** PEM files; the system's own authorities where there is no `caFile`. Read at each connection, so that they may be renewed. */
  readonly tls?: {
    readonly caFile?: string | undefined;
    readonly certFile?: string | undefined;
    readonly keyFile?: string | undefined;
  };
  readonly sasl?: {
    readonly mechanism: 'scram-sha-256' | 'scram-sha-512' | 'plain';
    readonly username: string;
    readonly password: string;
  };
}

export interface ClientOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
  readonly log: Logger;
  /** How long an answer may take. Milliseconds. */
  readonly answerWithinMs: number;
  /** Told of each connection before it is made. */
  readonly onConnection?: () => void;
}

/**
 * Few and short repetitions of its own: whoever asks tries again, and knows better when to give up. Enough to come by
 * each broker of the list once.
 */
const RETRY = { initialRetryTime: 100, maxRetryTime: 500, retries: 4 };

export const kafkaClient = ({ brokers, security, log, answerWithinMs, onConnection }: ClientOptions): Kafka =>
  new Kafka({
    clientId: 'merit',
    brokers: [...brokers],
    connectionTimeout: 3_000,
    requestTimeout: answerWithinMs,
    retry: RETRY,
    ...(security.sasl ? { sasl: { ...security.sasl } as NonNullable<KafkaConfig['sasl']> } : {}),
    socketFactory: ({ host, port, onConnect }) => {
      onConnection?.();
      const socket = security.tls
        ? connectSecurely(security.tls, host, port, onConnect)
        : connect(host, port, onConnect);
      return socket.setKeepAlive(true, 10_000);
    },
    logLevel: logLevel.WARN,
    // What kafkajs calls an error is mostly a retry; what matters is thrown and logged by whoever asked.
    logCreator: () => (entry) => log.debug({ kafka: entry.log, namespace: entry.namespace }, entry.log.message),
  });

/** The first byte of what a server says that wants TLS and was not spoken to in it. */
const TLS_ALERT = 0x15;

function connect(host: string, port: number, onConnect: () => void): net.Socket {
  const socket = net.connect({ host, port }, onConnect);
  socket.once('data', (first) => {
    // An answer of Kafka begins with its length; one of 350 MB is none.
    if ((first as Buffer)[0] === TLS_ALERT)
      socket.destroy(Object.assign(new Error('it wants TLS'), { code: 'WANTS_TLS' }));
  });
  return socket;
}

function connectSecurely(
  { caFile, certFile, keyFile }: NonNullable<KafkaSecurity['tls']>,
  host: string,
  port: number,
  onConnect: () => void,
): net.Socket {
  const files = {
    ...(caFile ? { ca: read('KAFKA_CA_FILE', caFile) } : {}),
    ...(certFile ? { cert: read('KAFKA_CERT_FILE', certFile) } : {}),
    ...(keyFile ? { key: read('KAFKA_KEY_FILE', keyFile) } : {}),
  };
  return tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }), ...files }, onConnect);
}

function read(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${variable} names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
