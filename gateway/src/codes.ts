/**
 * Every `extensions.code` that may leave the graph, and what it says. The list is closed: an error with another
 * code leaves as INTERNAL_SERVER_ERROR. `docs/errors.md` shows the same list, and a test keeps both and the
 * services' sources together.
 */
export const CODES = {
  // Any operation
  BAD_REQUEST: 'The HTTP request is no GraphQL request.',
  BAD_USER_INPUT: 'A variable has not the type that the operation says.',
  PAYLOAD_TOO_LARGE: 'The request is larger than 1 MB.',
  UNSUPPORTED_MEDIA_TYPE: 'The request is not JSON.',
  GRAPHQL_PARSE_FAILED: 'The operation is not valid GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The operation asks for what the schema does not have.',
  OPERATION_RESOLUTION_FAILURE: 'The document holds several operations and none of them was chosen, or it holds none.',
  PERSISTED_QUERY_NOT_SUPPORTED: 'Send the operation’s text; known documents are not served here.',
  FORBIDDEN: 'The viewer may not see this field, or may not do this.',
  OVERLOADED: 'Too much work is waiting; try again in a few seconds.',
  NOT_FOUND: 'There is nothing at this address.',
  UNAUTHENTICATED: 'The token is not valid any more, or never was.',
  IDENTITY_UNAVAILABLE: 'The identity provider cannot be reached; try again in a few seconds.',
  INTERNAL_SERVER_ERROR: 'Something went wrong on our side; report the request id.',
  SERVICE_UNAVAILABLE: 'The part of the system that knows this does not answer at the moment.',
  TIMEOUT: 'This took too long. A change may have been made all the same.',
} as const satisfies Record<string, string>;
