/** What operators do under load: every process restarted in its turn, and everything at once going wrong. */
import { until } from '@merit/infra/process';
import { SERVICES } from '../start.plan.js';
import type { Fault, Scene, Victim } from './fault.js';

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

/** Several of these at a time, three times over; which, chance decides. */
export const mixed = (faults: readonly Fault[]): Fault => ({
  name: 'mixed',
  disorders: faults.some(({ disorders }) => disorders),
  strike: async (scene) => {
    for (let round = 0; round < 3; round += 1) {
      const some = Array.from({ length: 3 }, () => scene.chance.pick(faults));
      await Promise.all([...new Set(some)].map((fault) => fault.strike({ ...scene, short: true })));
    }
  },
});
