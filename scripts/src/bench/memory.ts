/** What processes hold in memory, as Linux counts it. */
import { readdirSync, readFileSync } from 'node:fs';

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the process has ended
  }
};

/** A process, those that it started, and those that work in a folder: the database is no child of who started it. */
export function processesBelow(root: number, folder: string): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(
    all.map((pid) => [Number(pid), Number(read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1])]),
  );
  const found = new Set([root]);
  for (const pid of parents.keys()) if (read(`/proc/${pid}/cmdline`).includes(folder)) found.add(pid);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Bytes resident, pages that several processes share counted once (PSS). */
export const memoryOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + 1024 * Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0), 0);

/** Looks at a process until it ends; the answer is the most bytes that it ever had. */
export function watchPeak(pid: number): () => number {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0));
  };
  const timer = setInterval(look, 50).unref();
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** Bytes resident of one process, shared pages included. */
export const residentOf = (pid: number): number =>
  1024 * Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
