/** A service's part of the graph: its schema with what all parts share, and how Apollo answers from it. */
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  parse,
} from 'graphql';
import { DateTimeResolver, LocalDateResolver, UUIDResolver } from 'graphql-scalars';
import type { DataSource } from 'typeorm';
import { DomainError, domainErrorOf, formatError, GENERIC_CODES } from '../errors.js';
import type { Logger } from '../log.js';
import { isOutage } from '../outage.js';
import type { ServiceContext } from './context.js';

/** Wraps the fields of a schema in the judgement of who may see them, and names the directives that it reads. */
export interface Protect {
  (schema: GraphQLSchema): GraphQLSchema;
  readonly typeDefs: string;
  /** Writes down what an answer shows of people, before it leaves: when it throws, none does. */
  readonly record?: (context: ServiceContext, operation: string | null) => Promise<void>;
  /** Removes what was written down longer ago than it must be kept. */
  readonly tidy?: (db: DataSource) => Promise<void>;
}

export type Resolvers = Readonly<Record<string, unknown>>;

/** The resolvers of concepts as one: several answer fields of Query, Mutation and of types that they share. */
export function mergeResolvers(concepts: readonly Record<string, object>[]): Resolvers {
  const merged: Record<string, object> = {};
  for (const concept of concepts) {
    for (const [type, fields] of Object.entries(concept)) merged[type] = { ...merged[type], ...fields };
  }
  return merged;
}

export interface GraphOptions {
  /** The service's schema.graphql. */
  readonly typeDefs: string;
  readonly resolvers: object;
  readonly protect: Protect;
}

/** What every service's schema has beside its own. */
export const sharedTypeDefs = `
  """A moment, ISO 8601 in UTC, such as 2026-03-04T05:06:07.000Z."""
  scalar DateTime
  """A day without a time zone, such as 2026-03-04."""
  scalar LocalDate
  """An id: a UUID in lower case."""
  scalar UUID
  """Where a page lies in its list."""
  type PageInfo @shareable @access(to: [PUBLIC]) {
    """Whether items follow this page."""
    hasNextPage: Boolean!
    """Whether items come before this page."""
    hasPreviousPage: Boolean!
    """The cursor of the page's first item, for before."""
    startCursor: String
    """The cursor of the page's last item, for after."""
    endCursor: String
  }
`;

/** The federated schema of a service, each field judged. @throws for a resolver that answers no field of the schema */
export function buildGraph({ typeDefs, resolvers, protect }: GraphOptions): GraphQLSchema {
  const schema = buildSubgraphSchema({
    typeDefs: parse(`${typeDefs}\n${sharedTypeDefs}\n${protect.typeDefs}`),
    resolvers: { DateTime: DateTimeResolver, LocalDate: LocalDateResolver, UUID: UUIDResolver, ...resolvers } as never,
  });
  checkResolvers(schema, resolvers as Resolvers);
  return protect(schema);
}

/** Apollo passes over a resolver of an unknown type or field; here a misspelt name stops the service at its start. */
function checkResolvers(schema: GraphQLSchema, resolvers: Resolvers): void {
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    if (!type) throw new Error(`There are resolvers for ${typeName}, which the schema does not have.`);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.keys(fields as object)) {
      if (field.startsWith('__') || field in type.getFields()) continue;
      throw new Error(`There is a resolver for ${typeName}.${field}, which the schema does not have.`);
    }
  }
}

/** What became of an operation, for the log and the figures. */
export interface Outcome {
  operation: string | null;
  kind: string | null;
  codes: string[];
}

/** An operation's name as it is written down: a client may give it any length. */
export const nameOf = (operation: string | null | undefined): string | null => operation?.slice(0, 100) ?? null;

/** What Apollo hands to resolvers: a copy of the context it was given, which may want to hear what became of it. */
export interface GraphContext extends ServiceContext {
  readonly noted?: (outcome: Outcome) => void;
}

/** Apollo on a schema; unknown errors go to the log. */
export function createApollo(
  schema: GraphQLSchema,
  {
    log,
    introspection,
    record,
    plugins = [],
  }: {
    log: Pick<Logger, 'error' | 'warn' | 'info' | 'debug'>;
    introspection: boolean;
    record: Protect['record'];
    plugins?: ApolloServerPlugin<GraphContext>[];
  },
): ApolloServer<GraphContext> {
  return new ApolloServer<GraphContext>({
    schema,
    introspection,
    formatError: (formatted, error) => formatError(formatted, outageOf(formatted, error) ?? error),
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger: apolloLogger(log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      watchErrors(log),
      watchOutcome(log, record),
      ...plugins,
    ],
  });
}

const apolloLogger = (log: Pick<Logger, 'error' | 'warn' | 'info' | 'debug'>) => ({
  debug: (message: unknown) => log.debug(String(message)),
  info: (message: unknown) => log.info(String(message)),
  warn: (message: unknown) => log.warn(String(message)),
  error: (message: unknown) => log.error(String(message)),
});

/**
 * That the database is gone for a moment is no fault that someone must look for: who asked may ask again. The code that
 * Apollo gives to whatever was thrown tells it from a client's text in which such words stand. Null for anything else.
 */
function outageOf({ extensions }: GraphQLFormattedError, error: unknown): DomainError | null {
  const thrown = (error as { originalError?: unknown } | null)?.originalError;
  if (extensions?.['code'] !== 'INTERNAL_SERVER_ERROR' || domainErrorOf(error) || !isOutage(thrown)) return null;
  return new DomainError(
    'SERVICE_UNAVAILABLE',
    'This part of the system does not reach its data at the moment. Try again in a few seconds; repeat a change with the same idempotencyKey.',
  );
}

/** What fails on our side, an outage included, is written down first, whole, under the request's id. */
const watchErrors = (log: Pick<Logger, 'error'>): ApolloServerPlugin<GraphContext> => ({
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue, operationName }) {
        for (const error of errors.filter(isOurFault)) {
          const { requestId } = contextValue;
          log.error(
            { err: error.originalError ?? error, requestId, operation: nameOf(operationName), path: error.path },
            'a field failed',
          );
        }
      },
    };
  },
});

const isOurFault = (error: GraphQLError): boolean =>
  domainErrorOf(error) === null &&
  (error.extensions['code'] === undefined || error.extensions['code'] === 'INTERNAL_SERVER_ERROR');

/**
 * Completes the answer with what `formatError` cannot know: the request's id, and the HTTP status of what went wrong. One
 * plugin, for Apollo calls them all at once: an answer is held back before anything is said of it.
 */
const watchOutcome = (log: Pick<Logger, 'error'>, record: Protect['record']): ApolloServerPlugin<GraphContext> => ({
  async requestDidStart() {
    return {
      async willSendResponse({ response, contextValue, operationName, operation }) {
        try {
          await record?.(contextValue, nameOf(operationName));
        } catch (err) {
          log.error(
            { err, requestId: contextValue.requestId, operation: nameOf(operationName) },
            'an answer was held back',
          );
          response.body = { kind: 'single', singleResult: { errors: [notLogged()] } };
        }
        const errors = response.body.kind === 'single' ? (response.body.singleResult.errors ?? []) : [];
        const codes = errors.map(({ extensions }) => String(extensions?.['code']));
        for (const { extensions } of errors) {
          if (extensions?.['code'] === 'INTERNAL_SERVER_ERROR') extensions['requestId'] = contextValue.requestId;
        }
        const status = statusOf(codes);
        if (status) response.http.status = status;
        if (status === 503) response.http.headers.set('retry-after', '1');
        contextValue.noted?.({ operation: nameOf(operationName), kind: operation?.operation ?? null, codes });
      },
    };
  },
});

/** No log, no answer. A change that was asked for has been made: with its key it is answered again. */
const notLogged = (): GraphQLFormattedError => {
  const message =
    'What this shows of people could not be written down, so it is held back. Try again in a few seconds; repeat a change with the same idempotencyKey.';
  return formatError({ message }, new DomainError('ACCESS_NOT_LOGGED', message));
};

/** Only what concerns the whole request has a status of its own; a denied or failed field is part of a good answer. */
function statusOf(codes: readonly string[]): number | undefined {
  const whole = ['UNAUTHENTICATED', 'OVERLOADED', 'ACCESS_NOT_LOGGED'] as const;
  const code = whole.find((code) => codes.includes(code));
  return code && GENERIC_CODES[code];
}
