/** What it costs to read a document, before it is read: the text of a stranger is work even when nothing of it holds. */

/** Brackets in brackets. A parser goes down a step for each, and 2,000 are more than its stack holds. */
export const MOST_NESTING = 100;

/** How deep the brackets of a document are nested, those in its strings and comments left out. One pass. */
export function nestingOf(source: string): number {
  let [depth, deepest] = [0, 0];
  for (let at = 0; at < source.length; at += 1) {
    const sign = source[at]!;
    if (sign === '"') at = endOfString(source, at);
    else if (sign === '#') at = endOfLine(source, at);
    else if ('{[('.includes(sign)) deepest = Math.max(deepest, ++depth);
    else if ('}])'.includes(sign)) depth -= 1;
  }
  return deepest;
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end < 0 ? source.length : end;
}

/** The last sign of the string that begins here; the end of a text that does not close it. */
function endOfString(source: string, from: number): number {
  const quotes = source.startsWith('"""', from) ? '"""' : '"';
  for (let at = from + quotes.length; at < source.length; at += 1) {
    if (source[at] === '\\')
      at += quotes === '"' ? 1 : source.startsWith('"""', at + 1) ? 3 : 0; // a block knows one escape
    else if (source.startsWith(quotes, at)) return at + quotes.length - 1;
  }
  return source.length;
}

/**
 * Units of cost for reading a document of so many characters, up to `most`: nothing for a few lines, 25 for 2,000
 * characters, 10,000 for 40,000. It grows with the square, for validation compares fields with each other: 40,000
 * characters of what may be merged took 0.3 s.
 */
export const readingCost = (characters: number, most: number): number =>
  Math.min(most, Math.floor((characters / 200) ** 2 / 4));

/** From here on a document is long: it may take 10 ms to read. Units of cost. */
const LONG = 100;

/**
 * Long documents are read one after another, with a turn for everyone else between two: of a hundred that come at once,
 * read in one go, each would keep all others waiting.
 */
export function openTurns(): (cost: number) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return async (cost) => {
    if (cost < LONG) return;
    const turn = last.then(() => new Promise((resolve) => setImmediate(resolve)));
    last = turn;
    await turn;
  };
}
