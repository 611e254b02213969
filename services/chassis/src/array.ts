/** Columns of many rows as one parameter each: `unnest($1::uuid[], $2::int[])`. */

/** What would not be one element. */
const QUOTED = /[,{}"\\\s]|^$/;

/**
 * An array as PostgreSQL writes it, of values that need no quotes: ids, numbers, days. The driver looks into every
 * element for characters to escape, for each statement anew; a chunk of events names the same 500 people in ten.
 * @throws for a text that would need quotes, and so is no id
 */
export const plainArray = (values: readonly (string | number | null)[]): string => `{${values.map(plain).join(',')}}`;

function plain(value: string | number | null): string | number {
  if (typeof value === 'string' && QUOTED.test(value))
    throw new Error(`${value.slice(0, 40)} is no id, number or day.`);
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
