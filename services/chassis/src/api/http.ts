/** An HTTP server whose every refusal has the shape of a GraphQL error, and which writes one line a request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Counter, Histogram } from 'prom-client';
import { v7 } from 'uuid';
import { DomainError, domainErrorOf, GENERIC_CODES, INTERNAL_MESSAGE } from '../errors.js';
import type { Logger } from '../log.js';
import { tallied } from '../statements.js';
import { registry, traceIdOf, traceparentOf } from '../telemetry.js';
import { type OpenSpan, openSpan, SpanKind } from '../tracing.js';
import type { Outcome } from './graph.js';
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
  cutWhoIsLate,
  limitConnections,
  refuseConnection,
  serverOptions,
} from './http.connections.js';

const outcomes = new WeakMap<FastifyRequest, Outcome>();
const spans = new WeakMap<FastifyRequest, OpenSpan>();
const tallies = new WeakMap<FastifyRequest, { readonly statements: number }>();

/** Tells the log and the figures what became of the GraphQL operation in a request. */
export const noteOutcome = (request: FastifyRequest, outcome: Outcome): void => void outcomes.set(request, outcome);

/** The trace that a request belongs to, and in it the request's own span where spans are recorded; null without a trace. */
export const traceparentIn = (request: FastifyRequest): string | null =>
  spans.get(request)?.traceparent ?? traceparentOf(request.headers['traceparent']);

export interface HttpOptions {
  readonly log: Logger;
  /** The largest body taken. Bytes. */
  readonly bodyLimit: number;
  /** The addresses of proxies whose word on the client's address counts; nobody's unless told. */
  readonly trustProxy?: readonly string[];
  /** What a connection may take; those of a service unless told. */
  readonly connections?: Partial<ConnectionLimits>;
  /** Sees each request before all else, and tells whether it has answered it: then nothing more is done or said of it. */
  readonly first?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A server without routes yet. Its request ids come from the caller's `x-request-id`, when that has a sane form. */
export function createHttp({ log, bodyLimit, trustProxy = [], connections, first }: HttpOptions): FastifyInstance {
  const limits = { ...CONNECTION_LIMITS, ...connections };
  const app = fastify({
    serverFactory: (handler) =>
      createServer(serverOptions(limits), (request, response) => {
        if (first?.(request, response)) cutWhoIsLate(response, limits);
        else handler(request, response);
      }),
    logger: false,
    bodyLimit,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
    // While it stops, what comes on open connections is still answered; fastify's own 503 has another shape.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => refuse(log, error, request, reply),
    clientErrorHandler: refuseConnection,
  });
  // JSON is all there is; a form or plain text could come from any web page without asking.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler<FastifyError>((error, request, reply) => refuse(log, error, request, reply));
  app.setNotFoundHandler((_request, reply) => {
    void reply
      .code(404)
      .send(bodyOf(new DomainError('NOT_FOUND', 'There is nothing at this address. The graph is at /graphql.')));
  });
  limitConnections(app, limits);
  closeAfterLastAnswer(app);
  app.addHook('onRequest', async (request) => beginSpan(request));
  if (log.isLevelEnabled('debug')) {
    app.addHook('preHandler', (request, _reply, done) => void tallies.set(request, tallied(done)));
  }
  app.addHook('onResponse', async (request, reply) => {
    note(log, request, reply);
    endSpan(request, reply);
  });
  return app;
}

/** The graph, or one of its contracts. */
const isGraph = (route: string | undefined): route is string => route?.endsWith('/graphql') ?? false;

/** Of the graph's requests; probes and figures are nobody's trace. */
function beginSpan(request: FastifyRequest): void {
  const { method, routeOptions, headers, protocol } = request;
  const route = routeOptions.url;
  if (!isGraph(route)) return;
  const span = openSpan(`${method} ${route}`, {
    parent: traceparentOf(headers['traceparent']),
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'url.path': route,
      'url.scheme': protocol,
      'merit.request.id': request.id,
    },
  });
  spans.set(request, span);
}

function endSpan(request: FastifyRequest, reply: FastifyReply): void {
  const { operation, kind, codes } = outcomes.get(request) ?? NOTHING_ANSWERED;
  const span = spans.get(request);
  span?.set({
    'http.response.status_code': reply.statusCode,
    ...(operation === null ? {} : { 'graphql.operation.name': operation }),
    ...(kind === null ? {} : { 'graphql.operation.type': kind }),
    ...(codes.length === 0 ? {} : { 'merit.error.codes': [...new Set(codes)] }),
  });
  span?.end(reply.statusCode >= 500 ? { code: String(reply.statusCode) } : undefined);
}

/** Kept alive, the connection of an answer that was begun before the stop would hold it up for as long as it may idle. */
function closeAfterLastAnswer(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) void reply.header('connection', 'close');
  });
}

/** A caller's own id of a request, when it has a sane form; else a new one. */
export const requestIdOf = (header: unknown): string =>
  typeof header === 'string' && /^[\w-]{8,64}$/.test(header) ? header : v7();

const bodyOf = ({ code, message, params }: DomainError, requestId?: string) => ({
  errors: [{ message, extensions: { code, params, ...(requestId ? { requestId } : {}) } }],
});

/** What fastify refuses before anyone else sees it, by its code. */
const REFUSALS: Readonly<Record<string, readonly [code: keyof typeof GENERIC_CODES, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'The request is too large. Send less at once.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'Send JSON, with content-type: application/json.'],
  FST_ERR_CTP_EMPTY_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'Send JSON, with content-type: application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['BAD_REQUEST', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['BAD_REQUEST', 'The body is empty. Send {"query": "…"}.'],
};

function refusalOf(error: FastifyError): DomainError | null {
  const known = domainErrorOf(error);
  if (known) return known;
  const refusal = REFUSALS[error.code];
  if (refusal) return new DomainError(...refusal);
  const isFaultOfClient =
    (error.statusCode !== undefined && error.statusCode < 500) || error.code === 'ERR_INVALID_URL';
  return isFaultOfClient ? new DomainError('BAD_REQUEST', 'The request cannot be understood.') : null;
}

function refuse(log: Logger, error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = refusalOf(error);
  if (!refusal) log.error({ err: error, requestId: request.id }, 'a request failed');
  const { code } = refusal ?? { code: 'INTERNAL_SERVER_ERROR' };
  const status = GENERIC_CODES[code as keyof typeof GENERIC_CODES] ?? 400;
  noteOutcome(request, { operation: null, kind: null, codes: [code] });
  if (status === 503) void reply.header('retry-after', '1');
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply
    .code(status)
    .send(refusal ? bodyOf(refusal) : bodyOf(new DomainError('INTERNAL_SERVER_ERROR', INTERNAL_MESSAGE), request.id));
}

const seconds = new Histogram({
  name: 'merit_request_seconds',
  help: 'Time from the first byte of a request to the last of its answer',
  labelNames: ['kind', 'status'],
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});
const failures = new Counter({
  name: 'merit_request_errors_total',
  help: 'Errors in answers, by code',
  labelNames: ['code'],
  registers: [registry],
});

const NOTHING_ANSWERED: Outcome = { operation: null, kind: null, codes: [] };

/** Who asked is not written down here: ids of requests and traces, names of operations, codes and times are. */
function note(log: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const { method, routeOptions, id: requestId } = request;
  const { kind, operation, codes } = outcomes.get(request) ?? NOTHING_ANSWERED;
  const line = {
    requestId,
    traceId: traceIdOf(traceparentIn(request)),
    method,
    path: routeOptions.url,
    status: reply.statusCode,
  };
  for (const code of codes) failures.inc({ code });
  if (isGraph(routeOptions.url)) {
    seconds.observe({ kind: kind ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1000);
    const found = codes.length > 0 ? { codes: [...new Set(codes)] } : {};
    const ms = Math.round(reply.elapsedTime);
    log.info({ ...line, operation, kind, ms, ...tallies.get(request), ...found }, 'request');
  } else {
    log.debug(line, 'request'); // probes come every few seconds
  }
}
