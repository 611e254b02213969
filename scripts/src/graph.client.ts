/** The graph as scripts use it: one person's token, answers or a DomainError, and patience with what passes. */
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '@merit/chassis/errors';
import { trouble } from '@merit/infra/trouble';
import { Agent, request } from 'undici';
import type { TokenSource } from './graph.token.js';

export interface Graph {
  /**
   * What a query or mutation answers. Mutations that are to survive a broken line carry an idempotencyKey.
   * @throws DomainError with the code of the first error; Trouble when nothing answers
   */
  ask<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
  close(): Promise<void>;
}

/** What passes by itself. Everything that is repeated here is either a query or has an idempotencyKey. */
const PASSING = new Set([
  'OVERLOADED',
  'ACCESS_NOT_LOGGED',
  'BUSY',
  'IDEMPOTENCY_IN_PROGRESS',
  'SERVICE_UNAVAILABLE',
  'TIMEOUT',
  'DIRECTORY_STALE',
]);
const ATTEMPTS = 8;

/**
 * @param gatewayUrl such as http://localhost:4000
 * @param token of one who signed in; or what gives it before each request, for whom one does not live long enough
 */
export function connectGraph(gatewayUrl: string, token: string | TokenSource): Graph {
  const dispatcher = new Agent({ connections: 16, keepAliveTimeout: 10_000, headersTimeout: 60_000 });
  const once = async <Data>(query: string, variables: Record<string, unknown>): Promise<Data> => {
    const bearer = typeof token === 'string' ? token : await token();
    const { body } = await request(`${gatewayUrl}/graphql`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ query, variables }),
    }).catch((error: Error) => {
      throw new DomainError('SERVICE_UNAVAILABLE', `Nothing answers at ${gatewayUrl}: ${error.message}`);
    });
    const { data, errors } = (await body.json()) as { data?: Data; errors?: GraphError[] };
    if (errors?.[0]) throw domainError(errors[0]);
    return data!;
  };
  return {
    async ask(query, variables = {}) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(query, variables);
        } catch (error) {
          if (!(error instanceof DomainError) || !PASSING.has(error.code)) throw error;
          if (attempt === ATTEMPTS) throw error.message.startsWith('Nothing answers') ? trouble(error.message) : error;
          await pause(Math.min(5_000, 100 * 2 ** attempt) * (0.5 + Math.random() / 2));
        }
      }
    },
    close: () => dispatcher.close(),
  };
}

interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code: string;
    readonly field?: string;
    readonly params?: Record<string, unknown>;
    readonly requestId?: string;
  };
}

function domainError({ message, path, extensions }: GraphError): DomainError {
  const { code, field, params, requestId } = extensions;
  return new DomainError(code, requestId ? `${message} (${requestId})` : message, {
    ...params,
    ...(field ? { field } : {}),
    ...(path ? { path: path.join('.') } : {}),
  });
}
