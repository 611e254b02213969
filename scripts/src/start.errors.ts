/** What goes wrong in a process shows in its log; this brings it to the screen. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { parseEntry } from './start.node.js';

const EVERY_MS = 500;
const ERROR_LEVEL = 50;
/** Of one log at a time: a process that floods its log must not flood ours. Bytes. */
const MOST = 65_536;

/**
 * Follows the logs from their present ends and reports each error entry.
 * @param logs name of the process → its log file, which may not be there yet
 * @returns stops following
 */
export function followErrors(
  logs: Readonly<Record<string, string>>,
  report: (name: string, text: string) => void,
): () => void {
  const places = new Map(Object.values(logs).map((file) => [file, sizeOf(file)]));
  const look = () => {
    for (const [name, file] of Object.entries(logs)) {
      const { text, end } = readFrom(file, places.get(file) ?? 0);
      places.set(file, end);
      for (const line of text.split('\n')) {
        const entry = parseEntry(line);
        if (entry && entry.level >= ERROR_LEVEL) report(name, entry.text);
      }
    }
  };
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    look();
  };
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** The whole lines after `start`, and where the next ones will begin. */
function readFrom(file: string, start: number): { text: string; end: number } {
  const length = Math.min(sizeOf(file) - start, MOST);
  if (length <= 0) return { text: '', end: Math.min(start, sizeOf(file)) };
  const buffer = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  readSync(handle, buffer, 0, length, start);
  closeSync(handle);
  const end = buffer.lastIndexOf(10) + 1;
  // A line longer than we read at once is passed over.
  if (end === 0 && length === MOST) return { text: '', end: start + length };
  return { text: buffer.subarray(0, end).toString('utf8'), end: start + end };
}
