/** Processes that end exactly where the promises are made: between two things that belong together. */
import { until } from '@merit/infra/process';
import type { Service } from '../start.plan.js';
import { type Fault, KILLED_GOAL_MS } from './fault.js';
import type { Point } from './preload/control.js';

const REACHED_WITHIN_MS = 30_000;

const killAt = (name: string, victim: Service, point: Point, short = false): Fault => ({
  name,
  goalMs: KILLED_GOAL_MS,
  holds: [victim],
  short,
  strike: async ({ world }) => {
    const pid = world.merit.processes()[victim];
    world.control(victim, { points: { [point]: 'SIGKILL' } });
    await reached(() => !isAlive(pid), name).finally(() => world.control(victim, { points: undefined }));
  },
});

const NOT_REACHED = 'the point was not reached';

/** @throws when it never came to the point, for then nothing was tested: see {@link isNotReached} */
export async function reached(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  if (!(await until(condition, REACHED_WITHIN_MS))) throw new Error(`${what}: ${NOT_REACHED}`);
}

/** Whether nothing has happened yet, and the fault can be tried again. */
export const isNotReached = ({ message }: Error): boolean => message.endsWith(NOT_REACHED);

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

export const points: readonly Fault[] = [
  killAt('kill -9 relay between publish and mark', 'competency', 'before-mark', true),
  killAt('kill -9 consumer between commit and offset', 'performance', 'after-commit'),
  killAt('kill -9 consumer before its commit', 'performance', 'before-commit'),
];
