/** What operators do under load: every process restarted in its turn, and everything at once going wrong. */
import { until } from '@merit/infra/process';
import type { Chance } from '../seed/chance.js';
import { SERVICES } from '../start.plan.js';
import type { Fault, Scene, Victim } from './fault.js';
import { isNotReached } from './faults.point.js';

const BACK_WITHIN_MS = 60_000;

async function restart({ world }: Scene, name: Victim): Promise<void> {
  const pid = world.merit.processes()[name]!;
  process.kill(pid, 'SIGTERM');
  const back = await until(() => world.merit.processes()[name] !== pid, BACK_WITHIN_MS);
  if (!back) throw new Error(`${name} did not come back`);
}

export const rolling: Fault = {
  name: 'rolling restart of everything',
  strike: async (scene) => {
    for (const name of [...SERVICES, 'gateway'] as const) await restart(scene, name);
  },
};

const ROUNDS = 3;
const AT_ONCE = 3;

/** Several of these at a time, three times over; which, chance decides. */
export const mixed = (faults: readonly Fault[]): Fault => ({
  name: 'mixed',
  disorders: faults.some(({ disorders }) => disorders),
  strike: async (scene) => {
    const possible = faults.filter(({ missing }) => (missing?.(scene.world) ?? null) === null);
    for (let round = 0; round < ROUNDS; round += 1) {
      const some = together(possible, scene.chance);
      await Promise.all(some.map((fault) => strikeBeside(fault, { ...scene, short: true })));
    }
  },
});

/** Some that have nothing in their hands that another holds. */
export function together(faults: readonly Fault[], chance: Chance): Fault[] {
  const some: Fault[] = [];
  let left = [...faults];
  while (some.length < AT_ONCE && left.length > 0) {
    const next = chance.pick(left);
    some.push(next);
    left = left.filter(({ name, holds = [] }) => name !== next.name && !holds.some((one) => next.holds?.includes(one)));
  }
  return some;
}

/** Beside others, a point in the code may not be reached; the others have struck then. */
async function strikeBeside(fault: Fault, scene: Scene): Promise<void> {
  await fault.strike(scene).catch((error: Error) => {
    if (!isNotReached(error)) throw error;
  });
}
