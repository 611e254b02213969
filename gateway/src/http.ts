import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { Outcome } from '@merit/chassis/api/graph';
import { createHttp, noteOutcome } from '@merit/chassis/api/http';
import { PUBLIC, type Viewer } from '@merit/chassis/api/viewer';
import { DomainError } from '@merit/chassis/errors';
import { PURPOSE_HEADER, purposeOf } from '@merit/chassis/purpose';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Spend, tooMuch } from './account.js';
import { type GatewayContext, traceOf } from './context.js';
import type { Contract } from './contracts.js';
import type { Front } from './front.js';
import type { Keeping } from './keeping.js';
import { serveKnown } from './known.js';
import { LIMITS, refused } from './limits.js';
import { addressOf, openPlaces, type Places, shareConnections } from './places.js';
import { MOST_NESTING, nestingOf, openTurns, readingCost } from './reading.js';
import type { GatewayOptions } from './server.js';

/** Each takes some 20 kB. The system's own limit (`ulimit -n`) may be lower. */
const MOST_CONNECTIONS = 24_000;

/** The HTTP face: every refusal in GraphQL's shape. */
export function openHttp(options: GatewayOptions, { answer }: Pick<Front, 'answer'>): FastifyInstance {
  const { log, requestTimeoutMs, trustedProxies = [], mostConnections = MOST_CONNECTIONS } = options;
  const connections = { ...options.connections, requestTimeoutMs, mostConnections };
  const bodyLimit = LIMITS.staff.bodyBytes;
  const app = createHttp({ log, bodyLimit, trustProxy: trustedProxies, connections, first: answer });
  shareConnections(app, mostConnections, trustedProxies.length > 0);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onRequest', warnOfProxy(log));
  return app;
}

/** Says once that a proxy may stand before us that we were not told of: all who come through it are one caller then. */
function warnOfProxy(log: GatewayOptions['log']) {
  let warned = false;
  return async ({ headers, ips = [] }: FastifyRequest): Promise<void> => {
    if (warned || headers['x-forwarded-for'] === undefined || ips.length > 1) return;
    warned = true;
    log.warn('X-Forwarded-For came from an address that TRUSTED_PROXIES does not name: all behind it are one caller');
  };
}

/** A contract and what answers for it. */
export interface Graph {
  readonly contract: Contract;
  readonly apollo: ApolloServer<GatewayContext>;
  readonly spend: Spend;
}

/** Each contract at its address. They share the places for work. */
export async function serveGraphs(
  app: FastifyInstance,
  graphs: readonly Graph[],
  options: GatewayOptions,
  keeping: Keeping & { readonly front: Front },
): Promise<void> {
  const shared = { places: openPlaces(options.mostUnderWay), turn: openTurns(), keeping };
  for (const graph of graphs) {
    const scoped = async (scope: FastifyInstance) => {
      const { origins } = graph.contract;
      if (origins.length > 0) await scope.register(cors, corsOf(origins));
      serveGraph(scope, graph, options, shared);
    };
    await app.register(scoped, { prefix: graph.contract.prefix });
  }
}

const EXPOSED = ['ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'];

/** What `corsOf` comes to in an answer, where every page may ask. */
const openToAll = (origins: Contract['origins']): Readonly<Record<string, string>> =>
  origins === '*' ? { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED.join(', ') } : {};

/** A page may send JSON and its token, never cookies: nothing here is known by a cookie. */
const corsOf = (origins: Contract['origins']): FastifyCorsOptions => ({
  origin: origins === '*' ? '*' : [...origins],
  methods: ['GET', 'POST'],
  allowedHeaders: [
    'content-type',
    'authorization',
    'apollo-require-preflight',
    'traceparent',
    'x-request-id',
    PURPOSE_HEADER,
  ],
  exposedHeaders: [...EXPOSED],
  maxAge: 86_400,
  strictPreflight: false,
});

/** What the contracts of a process share. */
interface Shared {
  readonly places: Places;
  readonly turn: ReturnType<typeof openTurns>;
  readonly keeping: Keeping & { readonly front: Front };
}

/**
 * The token is judged before the body is read; none at all means that the public is asking, where it may. A place for work is taken
 * when the whole body is there, and what it costs to read the document is paid before it is read.
 */
function serveGraph(
  app: FastifyInstance,
  { contract, apollo, spend }: Graph,
  { verify, requestTimeoutMs }: GatewayOptions,
  { places, turn, keeping }: Shared,
): void {
  const viewers = new WeakMap<FastifyRequest, Viewer>();
  const tokenOf = ({ headers }: FastifyRequest) => (contract.identified ? headers.authorization : undefined);
  const purposeIn = ({ headers }: FastifyRequest) => (contract.identified ? headers[PURPOSE_HEADER] : undefined);
  const viewerOf = (request: FastifyRequest) => viewers.get(request) ?? PUBLIC;
  const callerOf = (request: FastifyRequest) => {
    const viewer = viewerOf(request);
    return viewer.kind === 'PUBLIC' ? addressOf(request.ip) : viewer.subject;
  };
  const contextOf = (request: FastifyRequest): GatewayContext => {
    const outcome: Outcome = { operation: null, kind: null, codes: [] };
    noteOutcome(request, outcome);
    return {
      requestId: request.id,
      traceparent: traceOf(request),
      authorization: tokenOf(request) ?? null,
      purpose: purposeIn(request)?.toString() ?? null,
      viewer: viewerOf(request),
      caller: callerOf(request),
      mayShare: viewerOf(request).kind === 'PUBLIC',
      deadline: Date.now() + requestTimeoutMs,
      outcome,
    };
  };
  if (contract.known) {
    const enter = (request: FastifyRequest, reply: FastifyReply) => places.enter(reply, callerOf(request));
    serveKnown(app, { apollo, enter, ...contract.known, ...keeping, headers: openToAll(contract.origins), contextOf });
  }
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    bodyLimit: contract.limits.bodyBytes,
    onRequest: async (request, reply) => {
      const viewer = await verify(tokenOf(request));
      if (viewer.kind === 'PUBLIC' && !contract.anonymous) throw unsigned();
      viewers.set(request, viewer);
      purposeOf(purposeIn(request)); // refused here, and not by each service
      places.arrive(request, reply, callerOf(request), contract.limits.bodyBytes);
    },
    preHandler: async (request, reply) => {
      places.enter(reply, callerOf(request));
      const source = sourceOf(request);
      requireFlat(source, contract.name);
      const cost = readingCost(source.length, contract.limits.cost);
      const { headers, wait } = await spend(callerOf(request), cost);
      if (wait !== null) {
        refused.inc({ contract: contract.name, limit: 'rate' });
        void reply.headers({ ...headers, 'retry-after': wait });
        throw new DomainError('RATE_LIMITED', tooMuch(wait), { retryAfterSeconds: wait });
      }
      await turn(cost);
    },
    handler: fastifyApolloHandler(apollo, { context: async (request) => contextOf(request) }),
  });
}

const unsigned = () =>
  new DomainError(
    'UNAUTHENTICATED',
    'This graph is for who is signed in. Send a token; the public has a graph of its own.',
  );

/** The text of a document, by GET or POST; empty where there is none. */
function sourceOf({ query, body }: FastifyRequest): string {
  const source = (body as { query?: unknown } | null | undefined)?.query ?? (query as { query?: unknown }).query;
  return typeof source === 'string' ? source : '';
}

/** @throws QUERY_TOO_LARGE where a parser would run out of stack */
function requireFlat(source: string, contract: string): void {
  const found = nestingOf(source);
  if (found <= MOST_NESTING) return;
  refused.inc({ contract, limit: 'nesting' });
  const params = { limit: 'nesting', found, most: MOST_NESTING };
  throw new DomainError(
    'QUERY_TOO_LARGE',
    `The query has too many brackets in brackets (${found}; ${MOST_NESTING} at most).`,
    params,
  );
}

/** Alive while it runs; ready until it is told to stop. The state of the services is their own to tell. */
export function serveHealth(app: FastifyInstance): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_, reply) =>
    reply
      .code(stopping ? 503 : 200)
      .send({ status: stopping ? 'not ready' : 'ready', checks: { running: !stopping, graph: true } }),
  );
}
