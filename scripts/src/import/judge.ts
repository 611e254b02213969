import { type Cell, isFault, parseCell } from './cell.js';
import type { Column, Table } from './kinds.js';
import type { Row } from './read.js';
import type { Seen } from './seen.js';

/** What is wrong, and where: a line of the file, counted from 1, and a column by the name in its first row. */
export interface Problem {
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  readonly message: string;
}

/** A row in the graph's terms, with the line it came from. */
export interface Judged {
  readonly line: number;
  readonly value: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * Judges a row by itself. What only the graph can know, such as whether a unit exists, it is asked later.
 * @param at where each column stands in a row
 * @param width how many cells the first row has
 */
export function judgeRow(
  row: Row,
  { table, at, width }: { table: Table; at: ReadonlyMap<string, number>; width: number },
): Judged | Problem[] {
  if (row.cells.length > width && row.cells.slice(width).some((cell) => cell.trim() !== '')) {
    const message = `The row has ${row.cells.length} cells and the first row ${width}: is a text with a delimiter not in quotes?`;
    return [{ line: row.line, column: null, code: 'ROW_TOO_LONG', message }];
  }
  const problems: Problem[] = [];
  const value: Record<string, string | number | boolean | null> = {};
  for (const column of table.columns) {
    const cell = judgeCell(row, column, at);
    if (isFault(cell)) problems.push({ line: row.line, column: column.name, ...cell });
    else value[column.field] = cell;
  }
  return problems.length > 0 ? problems : { line: row.line, value };
}

function judgeCell(row: Row, { name, kind, max, required }: Column, at: ReadonlyMap<string, number>): Cell {
  const index = at.get(name);
  const cell = index === undefined ? null : parseCell(row.cells[index] ?? '', kind, max);
  if (cell !== null || !required) return cell;
  return { code: 'TEXT_REQUIRED', message: 'may not be empty' };
}

/**
 * The problem of a row whose key stood in the file before.
 * @param scope within which keys are unique, such as the provider of a certificate
 */
export function seenBefore(table: Table, { line, value }: Judged, scope: string, seen: Seen): Problem | null {
  const key = table.columns.filter(({ name }) => table.key.includes(name)).map(({ field }) => value[field] ?? null);
  if (table.partsRequired && key.includes(null)) return null;
  const before = seen.lineOf(JSON.stringify([scope, ...key]), line);
  if (before === null) return null;
  const message = `This is the same as line ${before} (${table.key.join(', ')}): leave one of them out.`;
  return { line, column: table.key[0]!, code: 'DUPLICATE_ROW', message };
}
