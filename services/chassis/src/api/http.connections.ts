/** What a connection may take of a server: time to come with a request, time to take the answer, and a place. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface ConnectionLimits {
  /** How long the headers of a request may take to come, the first of a connection included. Milliseconds. */
  readonly headersTimeoutMs: number;
  /** How long a whole request may take to come, its body included. Milliseconds. */
  readonly requestTimeoutMs: number;
  /** How long a client may take over an answer before it is cut off. Milliseconds. */
  readonly answerTimeoutMs: number;
  /** How long a connection may be without a request: longer than proxies and the gateway keep theirs. Milliseconds. */
  readonly keepAliveMs: number;
  /** Connections at once; further ones are closed as they come. */
  readonly mostConnections: number;
}

/** A service's: its only callers are gateways, of which each keeps 128 connections. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 15_000,
  answerTimeoutMs: 30_000,
  keepAliveMs: 72_000,
  mostConnections: 4_096,
};

/** How often Node looks for requests that are late; unless told it is every 30 s. */
const CHECKED_EVERY_MS = 1_000;

/** What of the limits is an option of Node's server. */
export const serverOptions = ({ headersTimeoutMs, requestTimeoutMs }: ConnectionLimits) => ({
  headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
  requestTimeout: requestTimeoutMs,
  connectionsCheckingInterval: Math.min(CHECKED_EVERY_MS, headersTimeoutMs),
});

/** Holds the connections of a server to these limits. */
export function limitConnections(app: FastifyInstance, limits: ConnectionLimits): void {
  // Fastify sets these after Node's options, and its own default for the request is no limit at all.
  app.server.requestTimeout = limits.requestTimeoutMs;
  app.server.keepAliveTimeout = limits.keepAliveMs;
  app.server.maxConnections = limits.mostConnections;
  app.addHook('onSend', async (_request, reply) => {
    // Whoever reads a byte a second would hold the answer, and a place for work, for as long as they like.
    const cut = setTimeout(() => reply.raw.socket?.destroy(), limits.answerTimeoutMs);
    reply.raw.once('close', () => clearTimeout(cut));
  });
}

/** The same for an answer that has been given whole: most are with the system by then, and nobody can be late. */
export function cutWhoIsLate(response: ServerResponse, { answerTimeoutMs }: ConnectionLimits): void {
  const { socket } = response;
  if (!socket || socket.writableLength === 0) return;
  const cut = setTimeout(() => socket.destroy(), answerTimeoutMs);
  response.once('close', () => clearTimeout(cut));
}

/** What Node's own parser refuses, by its code: the status, the code of the list, and the sentence. */
const REFUSALS: Readonly<Record<string, readonly [status: string, code: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [
    '408 Request Timeout',
    'REQUEST_TIMEOUT',
    'The request did not come in time. Send it again, all at once.',
  ],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'PAYLOAD_TOO_LARGE',
    'The headers are too large. Send fewer of them.',
  ],
};
/** Time to read why. */
const LINGER_MS = 1_000;
const NO_HTTP = ['400 Bad Request', 'BAD_REQUEST', 'The request cannot be understood.'] as const;

/** Answers what did not become a request in the shape of every other error, and ends the connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, code, message] = REFUSALS[error.code ?? ''] ?? NO_HTTP;
  const body = JSON.stringify({ errors: [{ message, extensions: { code, params: {} } }] });
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  // Its other half would stay open for as long as the client likes.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
