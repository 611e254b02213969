/** Processes that end as by a power cut, at any moment or at the worst one. */
import type { Fault, Victim } from './fault.js';

const kill = (name: Victim, short = false): Fault => ({
  name: `kill -9 ${name}`,
  short,
  // It is over at once; that the process is started again is part of the recovery.
  strike: async ({ world }) => world.merit.kill(name),
});

export const kills: readonly Fault[] = [
  kill('performance', true),
  kill('competency'),
  kill('personnel'),
  kill('feedback'),
  kill('gateway'),
  kill('postgres'),
];
