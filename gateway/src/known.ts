/** Known documents by GET: `/public/graphql?documentId=unit&variables={…}`, from what is kept where that is right. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { ApolloServer } from '@apollo/server';
import { DomainError } from '@merit/chassis/errors';
import { registry } from '@merit/chassis/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { Counter } from 'prom-client';
import type { Cache, Kept } from './cache.js';
import type { GatewayContext } from './context.js';
import type { KnownDocument } from './documents.js';
import { tagsOfAnswer } from './tags.js';

/** An answer as it leaves, ready in each encoding. */
export interface Answer extends Kept {
  readonly status: number;
  /** When to come back, and what is left: of who asked for it, so none where it lasts and others are given it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer | null;
  readonly br: Buffer | null;
}

export interface KnownOptions {
  readonly apollo: ApolloServer<GatewayContext>;
  /** What clients of the contract know. */
  readonly schema: GraphQLSchema;
  readonly documents: ReadonlyMap<string, KnownDocument>;
  readonly cache: Cache<Answer>;
  /** Whether the cache is told of everything that happens. While it is not, nothing is taken from it or put into it. */
  readonly fresh: () => boolean;
  /** Takes a place for work. @throws OVERLOADED */
  readonly enter: (request: FastifyRequest, reply: FastifyReply) => void;
  readonly contextOf: (request: FastifyRequest) => GatewayContext;
}

/** Answers for a known document before anything else looks at the request; leaves every other request alone. */
export function serveKnown(app: FastifyInstance, options: KnownOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    const { documentId, variables } = request.query as Record<string, unknown>;
    if (!['GET', 'HEAD'].includes(request.method) || documentId === undefined) return;
    const { document, coerced } = understood(options, documentId, variables);
    // As short as any other, whatever the variables hold: what is kept is counted by the size of its answer.
    const key = `${document.id} ${createHash('sha256').update(JSON.stringify(coerced)).digest('base64url')}`;
    const aside = !options.fresh();
    const kept = aside ? undefined : options.cache.get(key);
    asked.inc({ outcome: kept ? 'kept' : aside ? 'aside' : 'made' });
    if (kept) return send(request, reply, kept);
    options.enter(request, reply);
    // What is kept must be read after the last thing that happened, and not joined from before.
    const context = { ...options.contextOf(request), mayShare: aside };
    const make = () => execute(options, document, coerced, context);
    return send(request, reply, aside ? await make() : await options.cache.read(key, make));
  });
}

const asked = new Counter({
  name: 'merit_gateway_known_total',
  help: 'Known documents asked for, by what the answer came from: kept, made, or aside (the cache stood aside)',
  labelNames: ['outcome'],
  registers: [registry],
});

interface Understood {
  readonly document: KnownDocument;
  /** As the document declares them, with its defaults: two ways to ask for the same have one answer. */
  readonly coerced: Record<string, unknown>;
}

/** @throws DOCUMENT_UNKNOWN, BAD_REQUEST, BAD_USER_INPUT */
function understood({ documents, schema }: KnownOptions, documentId: unknown, given: unknown): Understood {
  const document = typeof documentId === 'string' ? documents.get(documentId) : undefined;
  if (!document) {
    throw new DomainError(
      'DOCUMENT_UNKNOWN',
      `There is no document of this name. There are ${[...documents.keys()].sort().join(', ')}.`,
    );
  }
  const raw = parsed(given);
  const declared = document.operation.variableDefinitions ?? [];
  const { coerced, errors } = getVariableValues(schema, declared, raw, { maxErrors: 1 });
  if (!coerced) throw new DomainError('BAD_USER_INPUT', errors[0]!.message);
  return { document, coerced: coerced as Record<string, unknown> };
}

function parsed(given: unknown): Record<string, unknown> {
  if (given === undefined || given === '') return {};
  try {
    const value: unknown = JSON.parse(String(given));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new DomainError('BAD_REQUEST', 'variables is no JSON object.');
}

async function execute(
  { apollo, schema }: KnownOptions,
  { text, document }: KnownDocument,
  variables: Record<string, unknown>,
  contextValue: GatewayContext,
): Promise<Answer> {
  const { body, http } = await apollo.executeOperation({ query: text, variables }, { contextValue });
  if (body.kind !== 'single') throw new Error('a known document was answered in parts');
  const { data, errors } = body.singleResult;
  const whole = !errors && data !== null && data !== undefined;
  const made = await encode(JSON.stringify(body.singleResult));
  return {
    ...made,
    status: http.status ?? 200,
    headers: whole ? {} : Object.fromEntries(http.headers),
    tags: whole ? tagsOfAnswer(schema, document, data) : [],
    lasting: whole,
  };
}

const WORTH_COMPRESSING = 1_000;

/** Compressed once, for all who will ask. */
async function encode(text: string): Promise<Pick<Answer, 'etag' | 'plain' | 'gzip' | 'br' | 'size'>> {
  const plain = Buffer.from(text);
  const worth = plain.length >= WORTH_COMPRESSING;
  const [zipped, br] = worth
    ? await Promise.all([
        promisify(gzip)(plain),
        promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
      ])
    : [null, null];
  return {
    plain,
    gzip: zipped,
    br,
    etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    size: plain.length + (zipped?.length ?? 0) + (br?.length ?? 0) + 500,
  };
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const encoding =
    answer.br && /\bbr\b/.test(accepted) ? 'br' : answer.gzip && /\bgzip\b/.test(accepted) ? 'gzip' : null;
  reply.header('vary', 'accept-encoding');
  if (answer.lasting) {
    // A browser or a proxy may keep it, and asks each time whether it still holds.
    reply.header('etag', answer.etag).header('cache-control', 'public, no-cache');
    const known = String(request.headers['if-none-match'] ?? '');
    if (known === '*' || known.split(',').some((each) => each.trim() === answer.etag)) return reply.code(304).send();
  } else reply.headers(answer.headers).header('cache-control', 'no-store');
  if (encoding) reply.header('content-encoding', encoding);
  return reply
    .code(answer.status)
    .header('content-type', 'application/graphql-response+json; charset=utf-8')
    .send(encoding ? answer[encoding] : answer.plain);
}
