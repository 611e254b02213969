import { parseEnv, serviceEnv } from '@merit/chassis/env';
import { kafkaEnv } from '@merit/chassis/env.kafka';
import { z } from 'zod';
import { CONTRACT_NAMES } from './contracts.js';

const url = z.url({ protocol: /^https?$/ });
const milliseconds = z.coerce.number().int().min(1).max(600_000);
const listOf = <T extends z.ZodType<unknown, string>>(each: T) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(each));

const schema = z.object({
  NODE_ENV: serviceEnv.NODE_ENV,
  PORT: serviceEnv.PORT.default(4000),
  HOST: serviceEnv.HOST,
  /** Where figures are told: in production at a port of its own (9464 unless told), else beside the graph unless told. */
  METRICS_PORT: serviceEnv.PORT.optional(),
  METRICS_HOST: serviceEnv.HOST,
  LOG_LEVEL: serviceEnv.LOG_LEVEL,
  OTEL_EXPORTER_OTLP_ENDPOINT: serviceEnv.OTEL_EXPORTER_OTLP_ENDPOINT,
  OTEL_TRACES_SAMPLER_ARG: serviceEnv.OTEL_TRACES_SAMPLER_ARG,
  OIDC_ISSUER: serviceEnv.OIDC_ISSUER,
  OIDC_AUDIENCE: serviceEnv.OIDC_AUDIENCE,
  OIDC_EMPLOYEE_CLAIM: serviceEnv.OIDC_EMPLOYEE_CLAIM,
  OIDC_CLIENT_CLAIM: serviceEnv.OIDC_CLIENT_CLAIM,
  /** Where each subgraph answers, with its path: http://127.0.0.1:4001/graphql */
  PERSONNEL_URL: url,
  PERFORMANCE_URL: url,
  COMPETENCY_URL: url,
  FEEDBACK_URL: url,
  /** Which contracts this process serves: the public one may stand alone. */
  GRAPHS: listOf(z.enum(CONTRACT_NAMES)).default([...CONTRACT_NAMES]),
  /** How many processes share the port: about one a core, less one for the database where that is here too. */
  GATEWAY_PROCESSES: z.coerce.number().int().min(1).max(64).default(1),
  /** Which of them this one is; set by the process that looks after them. */
  GATEWAY_PLACE: z.coerce.number().int().optional(),
  /** The origins whose pages may ask the staff and partner graphs: https://merit.example.go.id,… */
  CORS_ORIGINS: listOf(z.url({ protocol: /^https?$/ })).default([]),
  /** Proxies whose `X-Forwarded-For` counts, addresses or ranges: 10.0.0.0/8,… The public is known by its address. */
  TRUSTED_PROXIES: listOf(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).default([]),
  /** The longest that one service may take, and a whole request to come and to be answered. Milliseconds. */
  SUBGRAPH_TIMEOUT_MS: milliseconds.default(10_000),
  REQUEST_TIMEOUT_MS: milliseconds.default(15_000),
  /** How long the headers of a request, and a client over an answer, may take; how long a connection may be idle. */
  HEADERS_TIMEOUT_MS: milliseconds.default(15_000),
  ANSWER_TIMEOUT_MS: milliseconds.default(30_000),
  KEEP_ALIVE_MS: milliseconds.default(72_000),
  /** Connections at once, and requests under way; one address has half of either. */
  MOST_CONNECTIONS: z.coerce.number().int().min(2).default(24_000),
  MOST_UNDER_WAY: z.coerce.number().int().min(2).default(256),
  /** The largest answer of a service. Bytes. */
  MOST_ANSWER_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .default(32 * 1024 * 1024),
  /** Where events come from, as for the services. Without one, no answers are kept. */
  ...kafkaEnv,
  EVENT_LOG_URL: serviceEnv.EVENT_LOG_URL,
  /** The ids that GraphiQL's ready queries begin with, as the seed wrote them. Development only. */
  EXAMPLES_FILE: z.string().optional(),
});

export type GatewayEnv = z.infer<typeof schema>;

/** The gateway's variables, from `source` or the process; prints every problem at once and exits 1. */
export const readEnv = (source: NodeJS.ProcessEnv = process.env): GatewayEnv => parseEnv(schema, source);

/**
 * The gateway library sends its maker figures on the machine, the cloud and the versions unless this is set before
 * it is made. A government's system tells nobody.
 */
export function tellNobody(): void {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
}
