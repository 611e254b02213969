/** A service's face: its part of the graph, its health and its figures, on one port. */
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { isProduction } from '../env.js';
import { emptySettled } from '../in/deadletter.retention.js';
import type { Logger } from '../log.js';
import { PURPOSE_HEADER, purposeOf } from '../purpose.js';
import { measureProcess, registry } from '../telemetry.js';
import type { Freshness } from './context.js';
import { buildGraph, createApollo, type GraphOptions } from './graph.js';
import { createHttp, noteOutcome, traceparentIn } from './http.js';
import { removeExpired } from './idempotency.js';
import { createVerifier, type IdentityOptions } from './identity.js';
import type { Viewer } from './viewer.js';

export interface ServerOptions extends GraphOptions {
  readonly name: string;
  readonly port: number;
  readonly host: string;
  readonly db: DataSource;
  readonly identity: IdentityOptions;
  /** Subject of the first ADMIN. */
  readonly firstAdmin: string | null;
  /** Named checks beside the database's, such as whether the relay and the consumer make progress. */
  readonly ready: () => Promise<Record<string, boolean>>;
  readonly log: Logger;
  /** How far the service has read others' events, where its judgement of viewers depends on them. */
  readonly freshness?: Freshness | undefined;
  /** Removes what the service need not keep any longer; called every hour. */
  readonly tidy?: (db: DataSource) => Promise<void>;
  /** 2 MiB unless told: above the gateway's limit, so that clients meet the gateway's. Bytes. */
  readonly bodyLimit?: number;
  /** Whether clients may ask for the schema; unless told, everywhere but in production. */
  readonly introspection?: boolean;
}

export interface RunningServer {
  readonly url: string;
  /** Turns readiness off, answers what was begun, and ends. */
  readonly stop: () => Promise<void>;
}

const TWO_MEBIBYTES = 2 * 1024 * 1024;
const HOUR_MS = 3_600_000;

/** Starts the federated subgraph at `/graphql`, with `/health/live`, `/health/ready` and `/metrics`. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { log, db, port, host } = options;
  const app = createHttp({ log, bodyLimit: options.bodyLimit ?? TWO_MEBIBYTES });
  const apollo = createApollo(buildGraph(options), {
    log,
    introspection: options.introspection ?? !isProduction(),
    record: options.protect.record,
    plugins: [fastifyApolloDrainPlugin(app)],
  });
  await apollo.start();

  let stopping = false;
  const health = () => checks(options, stopping);
  serveHealth(app, health);
  readiness = health;
  serveGraph(app, options, apollo);
  measureProcess();
  const sweep = setInterval(() => {
    for (const tidy of [removeExpired, emptySettled, options.protect.tidy, options.tidy]) {
      tidy?.(db).catch((err) => log.warn({ err }, 'what need not be kept was not removed'));
    }
  }, HOUR_MS).unref();
  const url = await app.listen({ port, host });
  log.info({ url }, 'listening');
  return {
    url,
    stop: async () => {
      stopping = true;
      clearInterval(sweep);
      await apollo.stop();
    },
  };
}

/** The token is checked before the body is read: whoever may not come in sends no megabyte. */
function serveGraph(
  app: FastifyInstance,
  { db, identity, firstAdmin, freshness, log }: ServerOptions,
  apollo: ReturnType<typeof createApollo>,
): void {
  const verify = createVerifier(identity, log);
  const askers = new WeakMap<FastifyRequest, { viewer: Viewer; purpose: string | null }>();
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onRequest: async (request) => {
      const { headers } = request;
      askers.set(request, { viewer: await verify(headers.authorization), purpose: purposeOf(headers[PURPOSE_HEADER]) });
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => ({
        db,
        ...askers.get(request)!, // the hook ran, or the handler would not
        requestId: request.id,
        traceparent: traceparentIn(request),
        now: () => new Date(),
        newId: () => v7(),
        firstAdmin,
        freshness,
        noted: (outcome) => noteOutcome(request, outcome),
      }),
    }),
  });
}

/** Live: the process answers. Ready: it can do its work, and is not about to end. */
function serveHealth(app: FastifyInstance, ready: () => Promise<Record<string, boolean>>): void {
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const found = await ready();
    const isReady = Object.values(found).every(Boolean);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks: found });
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

async function checks({ db, ready }: ServerOptions, stopping: boolean): Promise<Record<string, boolean>> {
  const database = await db.query('select 1').then(
    () => true,
    () => false,
  );
  // A check that fails to answer is a check that fails.
  const others = await ready().catch(() => ({ checks: false }));
  return { running: !stopping, database, ...others };
}

/** Of the server of this process. */
let readiness: (() => Promise<Record<string, boolean>>) | null = null;
new Gauge({
  name: 'merit_ready',
  help: 'Whether each thing that this process needs is well: 1 or 0, by name. The process is ready when all are.',
  labelNames: ['check'],
  registers: [registry],
  async collect() {
    for (const [check, well] of Object.entries((await readiness?.()) ?? {})) this.set({ check }, well ? 1 : 0);
  },
});
