/** The variables of a process, read once, with every problem told at once. */
import { z } from 'zod';
import { kafkaEnv, kafkaProblems } from './env.kafka.js';

const port = z.coerce.number().int().min(0).max(65_535);
const text = z.string().trim().min(1);
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://');

/** What all four services understand; each adds its own. */
export const serviceEnv = {
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  PORT: port,
  /** Loopback unless told: a service has no business with anyone but the gateway. */
  HOST: text.default('127.0.0.1'),
  DATABASE_URL: postgresUrl,
  /** Connections of this process's pool. */
  DATABASE_POOL: z.coerce.number().int().min(3).max(200).default(10),
  ...kafkaEnv,
  /** The embedded event log's own database. */
  EVENT_LOG_URL: postgresUrl.optional(),
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }),
  OIDC_AUDIENCE: text.default('merit'),
  /** The claim that holds the employee's id. */
  OIDC_EMPLOYEE_CLAIM: text.default('merit_employee'),
  /** The claim that holds a partner agency's client id. */
  OIDC_CLIENT_CLAIM: text.default('merit_client'),
  /** The subject of a token that is ADMIN before any role was granted. */
  MERIT_FIRST_ADMIN: text.optional(),
  /** How old the knowledge of people and roles may be before it is no longer judged by. Minutes. */
  DIRECTORY_STALE_MINUTES: z.coerce.number().positive().default(15),
  /** Where OTLP over HTTP is received, such as http://localhost:4318; without it no traces are recorded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** The share of the traces that begin here and are recorded. 0 to 1. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
} as const;

/**
 * The variables as the schema wants them. An empty variable counts as absent, as in a compose file.
 * In production nobody is ADMIN by the name that the local identity provider gives to anyone.
 * Prints every problem at once, by variable, and exits with 1.
 */
export function parseEnv<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  source: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  const problems = [
    ...(result.success ? [] : problemsOf(result.error, given)),
    ...unfitForProduction(given),
    ...kafkaProblems(given),
  ];
  if (result.success && problems.length === 0) return result.data;
  process.stderr.write(`The environment is not right:\n${problems.join('\n')}\n`);
  process.exit(1);
}

const unfitForProduction = (given: NodeJS.ProcessEnv): string[] =>
  given['NODE_ENV'] === 'production' && given['MERIT_FIRST_ADMIN']?.trim() === 'system'
    ? ['  MERIT_FIRST_ADMIN: is `system`, which is for development; name the subject of a token of your own operator']
    : [];

/** One line a problem. Values are left out: they may be secrets. */
const problemsOf = (error: z.ZodError, given: Record<string, unknown>): string[] =>
  error.issues.map(({ path, message }) => {
    const name = path.map(String).join('.');
    return `  ${name || 'all'}: ${name in given || !name ? message : 'is missing'}`;
  });

/** Whether introspection and other comforts of development are off. */
export const isProduction = (): boolean => process.env['NODE_ENV'] === 'production';
