import { INTERNAL_MESSAGE } from '@merit/chassis/errors';
import { inputFieldOf, withoutValues } from '@merit/chassis/errors.graphql';
import type { GraphQLFormattedError } from 'graphql';
import { CODES } from './codes.js';

/** Long enough for any sentence of ours, too short to send back a megabyte that was sent to us. */
const LONGEST_MESSAGE = 600;

/**
 * The one way an error leaves: with a code of the closed list, its path and place, the input field and the
 * parameters of its sentence. Whatever else it carries (service, stack, host, SQL) stays inside, and an error
 * whose code is not on the list becomes INTERNAL_SERVER_ERROR, with the request's id where that is known.
 */
export function maskError(error: GraphQLFormattedError, requestId?: string): GraphQLFormattedError {
  const code = String(error.extensions?.['code'] ?? '');
  const place = {
    ...(error.path ? { path: error.path } : {}),
    ...(error.locations ? { locations: error.locations } : {}),
  };
  if (!(code in CODES) || code === 'INTERNAL_SERVER_ERROR') {
    const extensions = { code: 'INTERNAL_SERVER_ERROR', ...(requestId ? { requestId } : {}) };
    return { message: INTERNAL_MESSAGE, ...place, extensions };
  }
  const message = withoutValues(error.message);
  const field = error.extensions?.['field'] ?? (code === 'BAD_USER_INPUT' ? variableFieldOf(message) : undefined);
  const { field: _, ...params } = (error.extensions?.['params'] ?? {}) as Record<string, unknown>;
  return {
    message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message,
    ...place,
    extensions: { code, ...(field ? { field } : {}), ...(Object.keys(params).length > 0 ? { params } : {}) },
  };
}

/** The field inside a variable that graphql-js finds at fault, else the variable: `hours`, and `id` of `$id`. */
const variableFieldOf = (message: string): string | undefined =>
  inputFieldOf(message) ?? /^Variable "\$(\w+)"/.exec(message)?.[1];
