/** Columns of many rows as one parameter each: `unnest($1::uuid[], $2::int[])`. */

/**
 * An array as PostgreSQL writes it, of values that need no quotes: ids, numbers, days. The driver looks into every
 * element for characters to escape, for each statement anew; a chunk of events names the same 500 people in ten.
 */
export const plainArray = (values: readonly (string | number | null)[]): string =>
  `{${values.map((value) => value ?? 'null').join(',')}}`;
