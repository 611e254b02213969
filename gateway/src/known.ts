/** Known documents by GET: `/public/graphql?documentId=unit&variables={…}`, from what is kept where that is right. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { ApolloServer } from '@apollo/server';
import { DomainError } from '@merit/chassis/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import type { Cache } from './cache.js';
import type { GatewayContext } from './context.js';
import type { KnownDocument } from './documents.js';
import { type Answer, asked, type Front, type Ready } from './front.js';
import { tagsOfAnswer } from './tags.js';

export interface KnownOptions {
  readonly apollo: ApolloServer<GatewayContext>;
  /** What clients of the contract know. */
  readonly schema: GraphQLSchema;
  readonly documents: ReadonlyMap<string, KnownDocument>;
  readonly cache: Cache<Answer>;
  /** Whether the cache is told of everything that happens. While it is not, nothing is taken from it or put into it. */
  readonly fresh: () => boolean;
  /** Gives what is kept without this, once an address is known. */
  readonly front: Pick<Front, 'learn'>;
  /** What every answer of the contract has, for pages of other origins. */
  readonly headers: Readonly<Record<string, string>>;
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
    if (kept) {
      options.front.learn(request.raw.url, key);
      return send(request, reply, kept);
    }
    options.enter(request, reply);
    // What is kept must be read after the last thing that happened, and not joined from before.
    const context = { ...options.contextOf(request), mayShare: aside };
    const make = () => execute(options, document, coerced, context);
    return send(request, reply, aside ? await make() : await options.cache.read(key, make));
  });
}

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
  { apollo, schema, headers }: KnownOptions,
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
    size: made.size,
    ready: readyOf(made, {
      status: http.status ?? 200,
      lasting: whole,
      // When to come back, and what is left, is of who asked: no part of what others are given.
      headers: { ...headers, ...(whole ? {} : Object.fromEntries(http.headers)) },
    }),
    tags: whole ? tagsOfAnswer(schema, document, data) : [],
    lasting: whole,
  };
}

const WORTH_COMPRESSING = 1_000;

interface Encoded {
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer | null;
  readonly br: Buffer | null;
  readonly size: number;
}

/** Compressed once, for all who will ask. */
async function encode(text: string): Promise<Encoded> {
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
    size: plain.length + (zipped?.length ?? 0) + (br?.length ?? 0) + 2_000,
  };
}

/** The ways in which an answer leaves, each made once. */
function readyOf(
  { etag, plain, gzip, br }: Encoded,
  { status, lasting, headers }: { status: number; lasting: boolean; headers: Readonly<Record<string, string>> },
): Answer['ready'] {
  const always = [
    ...Object.entries(headers).flat(),
    ...['vary', 'accept-encoding'],
    // A browser or a proxy may keep it, and asks each time whether it still holds.
    ...(lasting ? ['etag', etag, 'cache-control', 'public, no-cache'] : ['cache-control', 'no-store']),
  ];
  const form = (body: Buffer, encoding?: string): Ready => ({
    status,
    body,
    headers: [
      ...always,
      ...(encoding ? ['content-encoding', encoding] : []),
      ...['content-type', 'application/graphql-response+json; charset=utf-8', 'content-length', String(body.length)],
    ],
  });
  const forms = { plain: form(plain), gzip: gzip && form(gzip, 'gzip'), br: br && form(br, 'br') };
  const same: Ready = { status: 304, headers: always, body: undefined };
  return ({ 'accept-encoding': accepted, 'if-none-match': known }) => {
    if (lasting && known !== undefined && isAmong(etag, known)) return same;
    if (accepted === undefined) return forms.plain;
    if (forms.br && /\bbr\b/.test(String(accepted))) return forms.br;
    return forms.gzip && /\bgzip\b/.test(String(accepted)) ? forms.gzip : forms.plain;
  };
}

const isAmong = (etag: string, known: string): boolean =>
  known === '*' || known.split(',').some((each) => each.trim() === etag);

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, headers, body } = answer.ready(request.headers);
  for (let n = 0; n < headers.length; n += 2) void reply.header(headers[n]!, headers[n + 1]!);
  return reply.code(status).send(body);
}
