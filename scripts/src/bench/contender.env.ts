/** What a contender of the bench is told when it is started. */
import { SERVICES } from '../start.plan.js';

const { env } = process;

export const contenderEnv = () => ({
  port: Number(env['PORT']),
  host: env['HOST'] ?? '127.0.0.1',
  supergraph: env['SUPERGRAPH'] ?? '',
  subgraphs: Object.fromEntries(SERVICES.map((name) => [name, env[`${name.toUpperCase()}_URL`] ?? ''])),
  databases: Object.fromEntries(SERVICES.map((name) => [name, env[`${name.toUpperCase()}_DATABASE_URL`] ?? ''])),
  /** A JSON file of the answers that are given as they are, by address. */
  answers: env['ANSWERS'] ?? '',
});
