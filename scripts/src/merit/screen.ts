/** What commands write for a person: tables that fit a screen, ages, and a question before anything is thrown away. */
import { createInterface } from 'node:readline/promises';
import { misuse } from './command.js';

const COLUMNS = 100;

/**
 * Rows under a header, columns aligned, numbers to the right. The last column is cut where the screen ends.
 * @param rows the header first; a column is of numbers when the first row below the header is one there
 */
export function table(rows: readonly (readonly string[])[]): string {
  const width = rows[0]!.map((_, n) => Math.max(...rows.map((row) => row[n]!.length)));
  const isNumber = rows[0]!.map((_, n) => /^[\d,.]+$/.test(rows[1]?.[n] ?? ''));
  return rows
    .map((row) =>
      row
        .map((cell, n) => (isNumber[n] ? cell.padStart(width[n]!) : cell.padEnd(width[n]!)))
        .join('  ')
        .trimEnd(),
    )
    .map(cut)
    .join('\n');
}

export const cut = (line: string): string => (line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line);

/** A text on as many lines as it needs, each behind the same margin. */
export function wrapped(text: string, margin: number): string {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > COLUMNS - margin) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(margin)}`);
}

export const number = (value: number): string => value.toLocaleString('en-GB');

/** `12 s`, `3 min`, `5 h`, `4 d`. */
export function age(seconds: number): string {
  if (seconds < 100) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/**
 * How long before another a moment was; `never` for none, and for the beginning of time, which stands for it.
 * @param now as the service says that told the moment: the clock of this machine may be another
 */
export const since = (moment: string | null, now: string): string =>
  moment === null || Date.parse(moment) === 0 ? 'never' : age(secondsBetween(moment, now));

export const secondsBetween = (moment: string, now: string): number => (Date.parse(now) - Date.parse(moment)) / 1_000;

/** `competency LearningHoursCounted`, for merit.competency.v1.LearningHoursCounted. */
export const shortType = (type: string | null): string =>
  type === null ? '(no type)' : type.replace(/^merit\.(\w+)\.v\d+\./, '$1 ');

/** One line or many: `1 event`, `3 events`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/**
 * Lets a person type a word before something is thrown away.
 * @throws misuse when nobody is there to type and `--yes` was not given; or when another word was typed, or none: who
 * presses Ctrl-C or Ctrl-D, ends the process or closes the window says no, and what was begun can be put away
 */
export async function confirm(sentence: string, word: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw misuse(`${sentence}\nThis asks first, and nobody is here to answer: add --yes.`);
  const answer = await typed(`${sentence}\nType ${word} to go on: `);
  if (answer?.trim() !== word) throw misuse('Nothing was done.');
}

const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The answer to a question; null when there will be none. */
async function typed(question: string): Promise<string | null> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const end = () => terminal.close();
  for (const signal of ENDINGS) process.once(signal, end);
  try {
    return await new Promise((resolve, reject) => {
      terminal.once('close', () => resolve(null)); // of Ctrl-C and Ctrl-D the question itself says nothing
      terminal.question(question).then(resolve, reject);
    });
  } finally {
    for (const signal of ENDINGS) process.off(signal, end);
    terminal.close();
  }
}
