import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Problem } from './judge.js';

/** A screen holds so many, and nobody reads more. */
const SHOWN = 100;

export interface Report {
  readonly add: (problem: Problem) => void;
  /** The first problems by line, ready to be shown, and whether there were more. */
  readonly lines: () => string[];
  /** Ends the file of all problems, if there is one. */
  readonly close: () => Promise<void>;
}

/** Keeps the first problems to show, and writes all of them to a file where one is named. */
export function openReport(path: string | undefined): Report {
  const first: Problem[] = [];
  let all = 0;
  let file: WriteStream | null = null;
  const write = (cells: readonly (string | number | null)[]) => file?.write(`${cells.map(csvCell).join(',')}\n`);
  return {
    add(problem) {
      all += 1;
      if (first.length < SHOWN) first.push(problem);
      if (path && !file) {
        file = createWriteStream(path);
        write(['line', 'column', 'code', 'message']);
      }
      write([problem.line, problem.column, problem.code, problem.message]);
    },
    lines: () => [
      ...[...first].sort((a, b) => a.line - b.line).map(sentence),
      ...(all > SHOWN ? [`… and ${all - SHOWN} more${path ? '' : '; --problems <file.csv> writes all of them'}.`] : []),
    ],
    async close() {
      file?.end();
      if (file) await finished(file);
    },
  };
}

const sentence = ({ line, column, code, message }: Problem) =>
  `line ${line}${column ? `, column "${column}"` : ''}: ${message} [${code}]`;

/** In quotes, and never such that a spreadsheet would run it. */
const csvCell = (value: string | number | null) =>
  typeof value === 'number'
    ? value
    : `"${String(value ?? '')
        .replace(/^[=+\-@]/, "'$&")
        .replaceAll('"', '""')}"`;
