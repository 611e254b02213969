/** The variables that say how Kafka is reached, and what they mean together. */
import { z } from 'zod';
import type { KafkaSecurity } from './transport/transport.kafka.client.js';

const text = z.string().trim().min(1);
const flag = z.enum(['true', 'false']);
const MECHANISMS = ['scram-sha-256', 'scram-sha-512', 'plain'] as const;

export const kafkaEnv = {
  /** `host:port,host:port`; without it, events go through EVENT_LOG_URL. */
  KAFKA_BROKERS: z
    .string()
    .trim()
    .regex(/^[^\s:,]+:\d+(\s*,\s*[^\s:,]+:\d+)*$/, 'must be host:port, several with commas between them')
    .optional(),
  KAFKA_TLS: flag.optional(),
  /** PEM: the authority that signed the brokers' certificates; those of the system unless told. */
  KAFKA_CA_FILE: text.optional(),
  /** PEM: our own certificate and its key, where brokers ask for them. */
  KAFKA_CERT_FILE: text.optional(),
  KAFKA_KEY_FILE: text.optional(),
  KAFKA_SASL_MECHANISM: z.enum(MECHANISMS).optional(),
  KAFKA_USERNAME: text.optional(),
  /** As it is, spaces too. */
  KAFKA_PASSWORD: z.string().min(1).optional(),
  /** Whether a service makes a topic that is missing. True unless told, but not in production. */
  KAFKA_CREATE_TOPICS: flag.optional(),
} as const;

/** For a program that only wants to reach Kafka. */
export const kafkaSchema = z.object(kafkaEnv);

export type KafkaEnv = { readonly [Name in keyof typeof kafkaEnv]?: string | undefined };

/** What does not fit together, a line each, without the values. */
export function kafkaProblems(given: NodeJS.ProcessEnv): string[] {
  const has = (name: keyof typeof kafkaEnv) => given[name] !== undefined;
  const problem = (when: boolean, line: string) => (when ? [`  ${line}`] : []);
  const secure = given['KAFKA_TLS'] === 'true';
  const files = (['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'] as const).filter(has);
  const signs = has('KAFKA_SASL_MECHANISM');
  return [
    ...problem(!secure && files.length > 0, `${files.join(', ')}: has no use without KAFKA_TLS=true`),
    ...problem(has('KAFKA_CERT_FILE') && !has('KAFKA_KEY_FILE'), 'KAFKA_KEY_FILE: is missing beside KAFKA_CERT_FILE'),
    ...problem(has('KAFKA_KEY_FILE') && !has('KAFKA_CERT_FILE'), 'KAFKA_CERT_FILE: is missing beside KAFKA_KEY_FILE'),
    ...problem(signs && !has('KAFKA_USERNAME'), 'KAFKA_USERNAME: is missing beside KAFKA_SASL_MECHANISM'),
    ...problem(signs && !has('KAFKA_PASSWORD'), 'KAFKA_PASSWORD: is missing beside KAFKA_SASL_MECHANISM'),
    ...problem(
      !signs && (has('KAFKA_USERNAME') || has('KAFKA_PASSWORD')),
      `KAFKA_SASL_MECHANISM: is missing beside KAFKA_USERNAME and KAFKA_PASSWORD: one of ${MECHANISMS.join(', ')}`,
    ),
    ...problem(
      given['NODE_ENV'] === 'production' && given['KAFKA_SASL_MECHANISM'] === 'plain' && !secure,
      'KAFKA_SASL_MECHANISM: `plain` without KAFKA_TLS=true sends the password for anyone to read',
    ),
  ];
}

/** How Kafka is reached; null where no brokers are named. The variables fit together. */
export function kafkaOptions(
  env: KafkaEnv & { readonly NODE_ENV?: string | undefined },
): { brokers: string[]; security: KafkaSecurity; createTopics: boolean } | null {
  if (!env.KAFKA_BROKERS) return null;
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username = '', KAFKA_PASSWORD: password = '' } = env;
  return {
    brokers: env.KAFKA_BROKERS.split(',').map((broker) => broker.trim()),
    security: {
      ...(env.KAFKA_TLS === 'true'
        ? { tls: { caFile: env.KAFKA_CA_FILE, certFile: env.KAFKA_CERT_FILE, keyFile: env.KAFKA_KEY_FILE } }
        : {}),
      ...(mechanism
        ? { sasl: { mechanism: mechanism as NonNullable<KafkaSecurity['sasl']>['mechanism'], username, password } }
        : {}),
    },
    createTopics: env.KAFKA_CREATE_TOPICS ? env.KAFKA_CREATE_TOPICS === 'true' : env.NODE_ENV !== 'production',
  };
}
