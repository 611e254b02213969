/** Relay connections over keyset cursors: a page begins after a row, not after a number of rows. */
import { DomainError } from '../errors.js';

/** A value that places a row in its order. Dates are written as ISO instants, in milliseconds. */
export type CursorValue = string | number | boolean | null;

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface Page {
  /** How many items the page has at most; read `size + 1` rows, the last of which only tells that more follow. */
  readonly size: number;
  /** True for `last`/`before`: the query reads in the opposite order, and `connection` turns the rows round. */
  readonly backward: boolean;
  /** The row next to which the page lies; null for the beginning (or the end, backward). */
  readonly cursor: readonly CursorValue[] | null;
}

export interface Connection<Node> {
  readonly edges: { readonly node: Node; readonly cursor: string }[];
  readonly nodes: Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;
/** A cursor carries a few ids and dates; more than this was not made here. Characters. */
const MAX_CURSOR_LENGTH = 1000;

/**
 * The page that the arguments of a connection ask for; `keys` is the number of values in its cursors.
 * @throws PAGE_TOO_LARGE, INVALID_CURSOR, BAD_USER_INPUT
 */
export function parsePage(args: PageArguments, { keys }: { keys: number }): Page {
  const backward = args.last != null || args.before != null;
  if (backward && (args.first != null || args.after != null)) {
    throw new DomainError('BAD_USER_INPUT', 'Use either first and after, or last and before.', { field: 'last' });
  }
  const field = backward ? 'last' : 'first';
  const size = args[field] ?? DEFAULT_SIZE;
  if (!Number.isInteger(size) || size < 1) {
    throw new DomainError('BAD_USER_INPUT', `${field} must be a whole number from 1 to ${MAX_SIZE}.`, {
      field,
      max: MAX_SIZE,
    });
  }
  if (size > MAX_SIZE) {
    throw new DomainError('PAGE_TOO_LARGE', `Ask for at most ${MAX_SIZE} items, and then for the next page.`, {
      field,
      max: MAX_SIZE,
    });
  }
  const cursor = backward ? args.before : args.after;
  return { size, backward, cursor: cursor == null ? null : decode(cursor, keys, backward ? 'before' : 'after') };
}

/** An opaque cursor. Its values are readable to anyone who tries, so never an identity number. */
export const encodeCursor = (values: readonly (CursorValue | Date)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

function decode(cursor: string, keys: number, field: string): CursorValue[] {
  const values = cursor.length <= MAX_CURSOR_LENGTH ? parsed(cursor) : undefined;
  const isOurs = Array.isArray(values) && values.length === keys && values.every(isCursorValue);
  if (isOurs) return values;
  throw invalidCursor(field);
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

const isCursorValue = (value: unknown): value is CursorValue =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const invalidCursor = (field: string): DomainError =>
  new DomainError(
    'INVALID_CURSOR',
    `${field} is no cursor of this list. Use endCursor or startCursor of its pageInfo.`,
    {
      field,
    },
  );

/**
 * What the client gets of the rows read for a page: at most `size + 1`, in the order of the query.
 * `cursorOf` gives the values that place a row, as many and in the same order as the keys of the query.
 */
export function connection<Row>(
  rows: readonly Row[],
  page: Page,
  cursorOf: (row: Row) => readonly (CursorValue | Date)[],
): Connection<Row> {
  const more = rows.length > page.size;
  const nodes = rows.slice(0, page.size);
  if (page.backward) nodes.reverse();
  const edges = nodes.map((node) => ({ node, cursor: encodeCursor(cursorOf(node)) }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: page.backward ? page.cursor !== null : more,
      hasPreviousPage: page.backward ? more : page.cursor !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** A column that orders a list. Columns of one order are never null, and the last of them is unique. */
export interface Key {
  /** The SQL that names it, such as `record.completed_at`. */
  readonly sql: string;
  readonly type: keyof typeof FORMS;
}

/** The forms that a value of a cursor has; others would make PostgreSQL refuse the statement. */
const FORMS = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  timestamptz: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/,
  int: /^-?\d{1,9}$/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a null byte is what PostgreSQL refuses in a text
  text: /^[^\u0000]*$/u,
} as const;

/**
 * The SQL of a page over an order: `where ${where} order by ${orderBy} limit ${limit}`, and the parameters, of which
 * the first is `$${firstParameter}`. All keys go the same way, so that the comparison of rows can use one index.
 * A list ordered by a timestamptz keeps it in milliseconds, as JavaScript's dates are, or rows would repeat.
 * @throws INVALID_CURSOR
 */
export function seek(
  page: Page,
  keys: readonly Key[],
  { descending = false, firstParameter = 1 }: { descending?: boolean; firstParameter?: number } = {},
): { where: string; orderBy: string; limit: number; parameters: CursorValue[] } {
  const down = descending !== page.backward;
  const orderBy = keys.map(({ sql }) => (down ? `${sql} desc` : sql)).join(', ');
  const limit = page.size + 1;
  if (page.cursor === null) return { where: 'true', orderBy, limit, parameters: [] };
  const values = page.cursor;
  if (values.length !== keys.length || !keys.every(({ type }, i) => fits(values[i], type))) {
    throw invalidCursor(page.backward ? 'before' : 'after');
  }
  const columns = keys.map(({ sql }) => sql).join(', ');
  const bounds = keys.map(({ type }, i) => `$${firstParameter + i}::${type}`).join(', ');
  return { where: `(${columns}) ${down ? '<' : '>'} (${bounds})`, orderBy, limit, parameters: [...values] };
}

function fits(value: CursorValue | undefined, type: Key['type']): boolean {
  const isRightKind = type === 'int' ? typeof value === 'number' : typeof value === 'string';
  if (!isRightKind || !FORMS[type].test(String(value))) return false;
  return (type !== 'date' && type !== 'timestamptz') || isRealInstant(String(value));
}

/** Not 30 February: JavaScript would read it as 2 March, so the text must come back the same. */
function isRealInstant(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10));
}
