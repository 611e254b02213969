import type { ApolloServerPlugin } from '@apollo/server';
import { nameOf } from '@merit/chassis/api/graph';
import { GENERIC_CODES } from '@merit/chassis/errors';
import type { Logger } from '@merit/chassis/log';
import type { GraphQLFormattedError } from 'graphql';
import { CODES } from './codes.js';
import type { GatewayContext } from './context.js';
import { maskError } from './errors.js';

/**
 * The last hand on every answer: names the request in errors of ours, turns what the gateway says in
 * `extensions.valueCompletion` into such errors (it bypasses formatError and names types), and notes for the log
 * what was asked, in words that carry no person's data.
 */
export const answerPlugin = (log: Logger): ApolloServerPlugin<GatewayContext> => ({
  async requestDidStart({ contextValue }) {
    const { requestId, outcome, planOnly } = contextValue;
    if (planOnly) return; // nobody waits for this answer
    return {
      async didResolveOperation({ operationName, operation }) {
        outcome.operation = nameOf(operationName);
        outcome.kind = operation?.operation ?? null;
      },
      async didEncounterErrors({ errors }) {
        for (const error of errors) {
          if (!(String(error.extensions['code']) in CODES)) log.error({ requestId, err: error }, 'an error was masked');
        }
      },
      async willSendResponse({ request, response }) {
        if (response.body.kind !== 'single') return;
        const result = response.body.singleResult;
        const incomplete = (result.extensions?.['valueCompletion'] ?? []) as GraphQLFormattedError[];
        for (const error of incomplete) log.error({ requestId, err: error }, 'a service left out what it must give');
        const errors = [...(result.errors ?? []), ...incomplete.map(({ path }) => nameless(path))].map((error) =>
          error.extensions?.['code'] === 'INTERNAL_SERVER_ERROR' ? maskError(error, requestId) : error,
        );
        delete result.extensions;
        if (errors.length === 0) return;
        result.errors = errors;
        outcome.codes = errors.map((error) => String(error.extensions?.['code']));
        const status = nothing(result.data) ? statusOf(outcome.codes) : undefined;
        if (status) response.http.status = status;
        if (status === 503) response.http.headers.set('retry-after', '1');
        if (wantsOldStatus(request.http?.headers.get('accept'), outcome.codes)) response.http.status = 200;
      },
    };
  },
});

/**
 * Who asks for `application/json` by name, and not for GraphQL's own media type, may be a client from before the
 * specification of GraphQL over HTTP, which reads errors from answers of status 200 alone (§6.4.1).
 */
const wantsOldStatus = (accept: string | undefined, codes: readonly string[]): boolean =>
  accept?.includes('application/json') === true &&
  !accept.includes('application/graphql-response+json') &&
  codes.some((code) => OF_THE_DOCUMENT.has(code));

const OF_THE_DOCUMENT = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

const nameless = (path: GraphQLFormattedError['path']): GraphQLFormattedError => ({
  message: '',
  ...(path ? { path } : {}),
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
});

const nothing = (data: unknown) => !data || Object.values(data).every((value) => value === null);

/** Where nothing at all was answered, and for one reason that concerns the whole request, the status says so too. */
const statusOf = (codes: readonly string[]): number | undefined =>
  new Set(codes).size === 1 && OF_ALL.has(codes[0]!) ? GENERIC_CODES[codes[0] as 'OVERLOADED'] : undefined;

/** What a service says of a whole request. */
const OF_ALL: ReadonlySet<string> = new Set([
  'OVERLOADED',
  'UNAUTHENTICATED',
  'IDENTITY_UNAVAILABLE',
  'ACCESS_NOT_LOGGED',
]);
