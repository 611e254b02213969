/** What of a service's errors is passed on: nothing that steers the gateway, and nothing that nobody asked for. */
import type { GraphQLFormattedError } from 'graphql';

/** As many as an operation may have fields; more come from a service gone mad. */
const MOST_ERRORS = 10_000;
const LONGEST_FIELD = 200;
const LONGEST_MESSAGE = 2_000;

/** What only the gateway may say, for it is about the client's request: that of a service was made here. */
const OURS: ReadonlySet<string> = new Set([
  'BAD_REQUEST',
  'DOCUMENT_UNKNOWN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'NOT_FOUND',
  'OPERATION_RESOLUTION_FAILURE',
  'PAYLOAD_TOO_LARGE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'QUERY_TOO_LARGE',
  'RATE_LIMITED',
  'REQUEST_TIMEOUT',
  'UNSUPPORTED_MEDIA_TYPE',
]);

/**
 * The errors of a service's answer: of each its message, code, field, params, and its path where that leads along names
 * that were asked for. What `errors.ts` does not let out is decided there.
 * @param query what the service was asked
 */
export function passedOn(errors: readonly unknown[], query: string): GraphQLFormattedError[] {
  const names = new Set(query.match(/\w+/g));
  const wasAsked = (step: unknown) => Number.isInteger(step) || (typeof step === 'string' && names.has(step));
  return errors.slice(0, MOST_ERRORS).map((given) => {
    const { message, path, extensions } = (given ?? {}) as Partial<GraphQLFormattedError>;
    const { code, field, params } = (extensions ?? {}) as Record<string, unknown>;
    return {
      message: String(message ?? '').slice(0, LONGEST_MESSAGE),
      ...(Array.isArray(path) && path.every(wasAsked) ? { path } : {}),
      extensions: {
        code: typeof code === 'string' && !OURS.has(code) ? code : 'INTERNAL_SERVER_ERROR',
        ...(typeof field === 'string' && field.length <= LONGEST_FIELD ? { field } : {}),
        ...(typeof params === 'object' && params !== null && !Array.isArray(params) ? { params } : {}),
      },
    };
  });
}
