/** One cell of a table, as offices type and export them → the value that the graph takes, or what is wrong with it. */

/** What a column holds. */
export type CellKind = 'text' | 'nip' | 'date' | 'integer' | 'decimal' | 'yes/no' | readonly string[];

export interface Fault {
  readonly code: string;
  readonly message: string;
}
export type Cell = string | number | boolean | null | Fault;

export const isFault = (cell: Cell): cell is Fault => typeof cell === 'object' && cell !== null;

const fault = (code: string, message: string): Fault => ({ code, message });

/** A program that opens the table later would run such a cell as a formula; `'` before it is how Excel keeps text. */
const FORMULA = /^[=+\-@]/;
/** Control characters other than a line break, and what was no letter of the file's encoding. */
const NO_TEXT = /(?!\n)\p{Cc}|\uFFFD/u;

/**
 * Judges a cell by what its column holds. An empty one is null, and so is a lone dash, which stands for it.
 * @param max the longest text, in characters
 */
export function parseCell(raw: string, kind: CellKind, max: number): Cell {
  const text = raw.trim().replace(/^'/, '').replaceAll('\r\n', '\n');
  if (text === '' || text === '-') return null;
  if (text.length > Math.max(max, 60))
    return fault('TEXT_TOO_LONG', `has ${text.length} characters; ${max} is the most`);
  if (NO_TEXT.test(text)) return fault('TEXT_INVALID', 'holds characters that are no text, such as a null byte');
  if (typeof kind !== 'string') return oneOf(text, kind);
  switch (kind) {
    case 'text':
      return FORMULA.test(text) ? formula(text) : text;
    case 'nip':
      return nip(text);
    case 'date':
      return date(text);
    case 'integer':
      return /^-?\d{1,9}$/.test(text) ? Number(text) : fault('NUMBER_INVALID', `"${short(text)}" is no whole number`);
    case 'decimal':
      return decimal(text);
    case 'yes/no':
      return yesNo(text);
    default:
      return kind satisfies never;
  }
}

const short = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

const formula = (text: string) =>
  fault(
    'CELL_FORMULA',
    `begins with "${text[0]}" and would be run as a formula by a spreadsheet; remove that character`,
  );

function oneOf(text: string, values: readonly string[]): Cell {
  const wanted = text.toUpperCase().replaceAll(/[\s-]+/g, '_');
  return values.includes(wanted) ? wanted : fault('VALUE_UNKNOWN', `"${short(text)}" is none of ${values.join(', ')}`);
}

/** NIP and NI PPPK, 18 digits. Spaces between groups are taken out; what a spreadsheet rounded cannot be repaired. */
function nip(text: string): Cell {
  const bare = text.replaceAll(/[\s.]/g, '');
  if (/^\d{18}$/.test(bare)) return bare;
  if (/^\d+$/.test(bare)) return fault('NIP_MALFORMED', `has ${bare.length} digits instead of 18`);
  if (/^\d[.,]?\d*E\+?\d+$/i.test(text)) {
    return fault(
      'NUMBER_ROUNDED',
      `"${short(text)}" was rounded by a spreadsheet; format the column as text and export again`,
    );
  }
  return FORMULA.test(text)
    ? formula(text)
    : fault('NIP_MALFORMED', `"${short(text)}" has something other than digits`);
}

/** 2026-12-31, or as Indonesian spreadsheets export it: 31/12/2026, 31-12-2026. */
function date(text: string): Cell {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const local = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(text);
  const [year, month, day] = iso ? iso.slice(1) : local ? [local[3], local[2], local[1]] : [];
  if (!year || !month || !day)
    return fault('DATE_INVALID', `"${short(text)}" is no date; write 2026-12-31 or 31/12/2026`);
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const real = new Date(`${written}T00:00:00Z`);
  const exists = !Number.isNaN(real.getTime()) && real.toISOString().startsWith(written);
  return exists ? written : fault('DATE_INVALID', `"${short(text)}" is a day that does not exist`);
}

/** With a point or a comma before the decimals, and nothing between thousands. */
function decimal(text: string): Cell {
  const plain = text.replace(',', '.');
  return /^-?\d{1,9}(\.\d{1,6})?$/.test(plain)
    ? Number(plain)
    : fault('NUMBER_INVALID', `"${short(text)}" is no number`);
}

function yesNo(text: string): Cell {
  const word = text.toLowerCase();
  if (['yes', 'y', 'true', '1', 'ya'].includes(word)) return true;
  if (['no', 'n', 'false', '0', 'tidak'].includes(word)) return false;
  return fault('VALUE_UNKNOWN', `"${short(text)}" is neither yes nor no`);
}
