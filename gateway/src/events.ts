/** What the services say to each other, for whoever builds on it. */
import { createReadStream } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** Both are written by `npm run asyncapi`: address → file and type. */
const FILES = {
  '/events': [new URL('../../docs/asyncapi.html', import.meta.url), 'text/html'],
  '/events/asyncapi.yaml': [new URL('../../proto/asyncapi.yaml', import.meta.url), 'application/yaml'],
} as const;

/** The page runs nothing and fetches nothing: its style is its own, and that is all it may have. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

/** The events at `/events`, and their AsyncAPI document. For development: the caller leaves it out in production. */
export function serveEvents(app: FastifyInstance): void {
  for (const [url, [file, type]] of Object.entries(FILES)) {
    app.get(url, (_, reply) =>
      reply.type(`${type}; charset=utf-8`).header('content-security-policy', POLICY).send(createReadStream(file)),
    );
  }
}
