/** Columns of many rows as one parameter each: `unnest($1::uuid[], $2::int[])`. */

/** What would not be one element, or be taken for none. */
const QUOTED = /[,{}"\\\s]|^$|^null$/i;

/**
 * An array as PostgreSQL writes it. The driver writes each text in quotes and looks twice for what is to be escaped in it,
 * for each statement anew; a chunk of events names the same 500 people in ten. Ids, numbers, days and most names need none.
 */
export const plainArray = (values: readonly (string | number | null)[]): string => `{${values.map(element).join(',')}}`;

function element(value: string | number | null): string | number {
  if (typeof value === 'string' && QUOTED.test(value)) return `"${value.replace(/["\\]/g, '\\$&')}"`;
  return value ?? 'null';
}

/** Between the documents of a column: JSON writes it as \u001f, so none of them has it. */
const SEPARATOR = '\x1f';

/**
 * JSON documents as one parameter, for `documentArray('$3', 'jsonb')`. In an array each quote of each document would be
 * escaped on the way, and undone on the other side.
 */
export const documents = (texts: readonly string[]): string => texts.join(SEPARATOR);

/** The SQL that makes an array of such a parameter again. At least one document. */
export const documentArray = (parameter: string, type: 'json' | 'jsonb'): string =>
  `string_to_array(${parameter}, e'\\x1f')::${type}[]`;

/**
 * Byte strings as one parameter, each `substring($1::bytea from start for length)`. It goes as it is, where those of an array
 * go as text: two characters for a byte, and each of them looked at for quotes.
 */
export function concatenate(values: readonly Uint8Array[]): { bytes: Buffer; starts: string; lengths: string } {
  const starts: number[] = [];
  let next = 1;
  for (const { byteLength } of values) {
    starts.push(next);
    next += byteLength;
  }
  const lengths = plainArray(values.map(({ byteLength }) => byteLength));
  return { bytes: Buffer.concat(values), starts: plainArray(starts), lengths };
}
