/** Processes that end as by a power cut, at any moment or at the worst one. */
import { type Fault, KILLED_GOAL_MS, type Victim } from './fault.js';

const BACK_WITHIN_MS = 60_000;

const kill = (name: Victim, short = false): Fault => ({
  name: `kill -9 ${name}`,
  goalMs: KILLED_GOAL_MS,
  holds: [name],
  short,
  // It is over at once; that the process is started again is part of the recovery.
  strike: async ({ world }) => {
    // Among several faults another may have got it first.
    await world.merit.back(name, BACK_WITHIN_MS);
    world.merit.kill(name);
  },
});

export const kills: readonly Fault[] = [
  kill('performance', true),
  kill('competency'),
  kill('personnel'),
  kill('feedback'),
  kill('gateway'),
  kill('postgres'),
];
