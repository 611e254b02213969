/** What processes have had of the processors, as Linux counts it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Milliseconds of user and system time so far, of these processes and of children of theirs that have ended. */
export function cpuOf(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    try {
      // After the name, which may hold spaces: fields 14 to 17 of proc(5).
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
      ticks += [11, 12, 13, 14].reduce((sum, n) => sum + Number(fields[n]), 0);
    } catch {
      // it has ended, and its parent counts it
    }
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}
