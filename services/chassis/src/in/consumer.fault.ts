/** Whose fault it is when an event cannot be applied: its own at once, or only after it was tried often enough. */
import { DomainError, sqlState } from '../errors.js';
import { oneLine } from '../log.js';

/** How often an event is tried that fails for no reason we know. */
export const ATTEMPTS = 5;

/** SQLSTATEs of a value that is none of its type: no id, no date, no text. */
const NO_SUCH_VALUE = /^22(P0[235]|007|008|021)$/;

/** What a record can be told to be at fault for at its first try. A damaged value may only show when it is to be stored. */
export function finalOf(error: unknown): { code: string; message: string } | null {
  if (error instanceof DomainError) return error;
  if (!NO_SUCH_VALUE.test(sqlState(error) ?? '')) return null;
  return { code: 'PAYLOAD_INVALID', message: `The payload has a value that is none: ${oneLine(error)}` };
}
