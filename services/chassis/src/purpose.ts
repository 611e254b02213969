/** Why somebody reads of people, as they say it with the request. */
import { requireText } from './errors.js';

/** The header that says it: UTF-8, at most 200 characters, and no name or number of a person. */
export const PURPOSE_HEADER = 'x-merit-purpose';

/**
 * The purpose in the header's value; null without one. HTTP takes each byte for a character, so UTF-8 is put together here.
 * @throws TEXT_TOO_LONG, TEXT_INVALID
 */
export function purposeOf(header: string | readonly string[] | undefined): string | null {
  if (header === undefined || header.length === 0) return null;
  const text = Buffer.from(String(header), 'latin1').toString('utf8');
  return requireText(text, PURPOSE_HEADER, { max: 200 });
}
