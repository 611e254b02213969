import { nearest } from '../token.nearest.js';

export interface Header {
  /** Where each known column stands in a row. */
  readonly at: ReadonlyMap<string, number>;
  /** What is wrong with it, a sentence each; empty when it is right. */
  readonly problems: readonly string[];
}

/**
 * Finds the columns in a table's first row. Case, spaces and order do not matter.
 * @param columns every column that there may be, and whether it must be
 */
export function readHeader(cells: readonly string[], columns: readonly { name: string; required: boolean }[]): Header {
  const names = cells.map((cell) =>
    cell
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_'),
  );
  const known = columns.map(({ name }) => name);
  const at = new Map<string, number>();
  const problems: string[] = [];
  for (const [index, name] of names.entries()) {
    if (name === '') continue; // spreadsheets export empty columns at the end
    if (!known.includes(name)) problems.push(unknown(cells[index]!.trim(), name, known));
    else if (at.has(name)) problems.push(`The column "${name}" is there twice.`);
    else at.set(name, index);
  }
  for (const { name, required } of columns) {
    if (required && !at.has(name)) problems.push(`The column "${name}" is missing.`);
  }
  if (problems.length > 0) problems.push(`The columns may be: ${known.join(', ')}.`);
  return { at, problems };
}

function unknown(written: string, name: string, known: readonly string[]): string {
  const [guess] = nearest(name, known);
  return `The column "${written.slice(0, 40)}" is unknown.${guess ? ` Is it "${guess}"?` : ''}`;
}
