import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import { DomainError } from '@merit/chassis/errors';
import type { Outcome } from '@merit/chassis/graph';
import { createHttp, noteOutcome } from '@merit/chassis/http';
import { measureProcess, registry } from '@merit/chassis/telemetry';
import { PUBLIC, type Viewer } from '@merit/chassis/viewer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Gauge } from 'prom-client';
import { type GatewayContext, traceOf } from './context.js';
import type { Contract } from './contracts.js';
import type { Keeping } from './keeping.js';
import { serveKnown } from './known.js';
import { LIMITS } from './limits.js';
import type { GatewayOptions } from './server.js';

/**
 * Requests that may be under way at once. Beyond it a request is turned away at once, for it would wait longer than it
 * may take: of 10,000 at once on two busy cores, those after the 400th were answered after more than 10 s.
 */
const MOST_UNDER_WAY = 256;

/** The HTTP face: every refusal in GraphQL's shape. */
export function openHttp({ log, requestTimeoutMs, trustedProxies = [] }: GatewayOptions): FastifyInstance {
  const app = createHttp({ log, bodyLimit: LIMITS.staff.bodyBytes, trustProxy: trustedProxies });
  app.server.requestTimeout = requestTimeoutMs; // a request that trickles in has no longer to come than one to answer
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  return app;
}

const busy = new Gauge({
  name: 'merit_gateway_requests_under_way',
  help: 'Requests that are being answered. At 256 further ones are turned away, at 128 those of one caller.',
  registers: [registry],
});

/**
 * Counts requests in and out, and keeps half of the places from each caller: a crowd that shares one token leaves the
 * others theirs. A caller is a token, read but not judged yet, or else an address.
 * @throws OVERLOADED when there are too many
 */
function boundedWork(most: number) {
  let underWay = 0;
  const byCaller = new Map<string, number>();
  return ({ headers, ip }: FastifyRequest, reply: FastifyReply) => {
    const caller = headers.authorization ?? ip;
    const mine = byCaller.get(caller) ?? 0;
    if (underWay >= most || mine >= most / 2) {
      throw new DomainError('OVERLOADED', 'Too much work is waiting. Try again in a few seconds.', {
        retryAfterSeconds: 1,
      });
    }
    underWay += 1;
    busy.set(underWay);
    byCaller.set(caller, mine + 1);
    reply.raw.once('close', () => {
      underWay -= 1;
      busy.set(underWay);
      const left = byCaller.get(caller)! - 1;
      if (left > 0) byCaller.set(caller, left);
      else byCaller.delete(caller);
    });
  };
}

/** A contract and what answers for it. */
export interface Graph {
  readonly contract: Contract;
  readonly apollo: ApolloServer<GatewayContext>;
}

/** Each contract at its address. They share the places for work. */
export async function serveGraphs(
  app: FastifyInstance,
  graphs: readonly Graph[],
  options: GatewayOptions,
  keeping: Keeping,
): Promise<void> {
  const enter = boundedWork(options.mostUnderWay ?? MOST_UNDER_WAY);
  for (const graph of graphs) {
    const scoped = async (scope: FastifyInstance) => {
      const { origins } = graph.contract;
      if (origins.length > 0) await scope.register(cors, corsOf(origins));
      serveGraph(scope, graph, enter, options, keeping);
    };
    await app.register(scoped, { prefix: graph.contract.prefix });
  }
}

/** A page may send JSON and its token, never cookies: nothing here is known by a cookie. */
const corsOf = (origins: Contract['origins']): FastifyCorsOptions => ({
  origin: origins === '*' ? '*' : [...origins],
  methods: ['GET', 'POST'],
  allowedHeaders: ['content-type', 'authorization', 'apollo-require-preflight', 'traceparent', 'x-request-id'],
  exposedHeaders: ['ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'],
  maxAge: 86_400,
  strictPreflight: false,
});

/** The token is judged before the body is read; none at all means that the public is asking. */
function serveGraph(
  app: FastifyInstance,
  { contract, apollo }: Graph,
  enter: ReturnType<typeof boundedWork>,
  { verify, requestTimeoutMs }: GatewayOptions,
  keeping: Keeping,
): void {
  const viewers = new WeakMap<FastifyRequest, Viewer>();
  const tokenOf = ({ headers }: FastifyRequest) => (contract.identified ? headers.authorization : undefined);
  const contextOf = (request: FastifyRequest, viewer: Viewer): GatewayContext => {
    const outcome: Outcome = { operation: null, kind: null, codes: [] };
    noteOutcome(request, outcome);
    return {
      requestId: request.id,
      traceparent: traceOf(request),
      authorization: tokenOf(request) ?? null,
      viewer,
      caller: viewer.kind === 'PUBLIC' ? request.ip : viewer.subject,
      mayShare: viewer.kind === 'PUBLIC',
      deadline: Date.now() + requestTimeoutMs,
      outcome,
    };
  };
  if (contract.known) {
    serveKnown(app, {
      apollo,
      enter,
      ...contract.known,
      ...keeping,
      contextOf: (request) => contextOf(request, PUBLIC),
    });
  }
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    bodyLimit: contract.limits.bodyBytes,
    onRequest: async (request, reply) => {
      enter(request, reply);
      viewers.set(request, await verify(tokenOf(request)));
    },
    handler: fastifyApolloHandler(apollo, {
      // The hook ran, or the handler would not.
      context: async (request) => contextOf(request, viewers.get(request)!),
    }),
  });
}

/** Alive while it runs; ready until it is told to stop. The state of the services is their own to tell. */
export function serveHealth(app: FastifyInstance): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  measureProcess();
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_, reply) =>
    reply
      .code(stopping ? 503 : 200)
      .send({ status: stopping ? 'not ready' : 'ready', checks: { running: !stopping, graph: true } }),
  );
  app.get('/metrics', async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}
