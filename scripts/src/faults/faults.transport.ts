/** Records that come twice, in another order, late or broken. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SERVICES, type Service } from '../start.plan.js';
import { type Fault, lasting, type Scene } from './fault.js';
import type { Control, Damage } from './preload/control.js';

/** For a while, in every service. */
export async function everywhere(scene: Scene, control: Control): Promise<void> {
  for (const service of SERVICES) scene.world.control(service, control);
  await pause(lasting(scene));
  for (const service of SERVICES) scene.world.control(service, {});
}

const damaged = (name: string, damage: Damage, more: Partial<Fault> = {}): Fault => ({
  name,
  ...more,
  strike: (scene) => everywhere(scene, { damage }),
});

/** As an operator does it: everything since then once more. */
async function replay({ world: { graph } }: Scene, service: Service, from: string): Promise<void> {
  const name = `replay${service[0]!.toUpperCase()}${service.slice(1)}Events`;
  const input = { from, reason: 'The line was bad.', idempotencyKey: randomUUID() };
  await graph
    .ask(`mutation ($input: ReplayEventsInput!) { ${name}(input: $input) { events } }`, { input })
    .catch((error: { code?: string }) => {
      if (error.code !== 'REPLAY_EMPTY') throw error;
    });
}

/** The longest that a transaction waits before its commit: many others begin and end meanwhile. */
const SLOW_COMMIT_MS = 150;

export const transports: readonly Fault[] = [
  damaged('messages twice', 'duplicate', { short: true }),
  damaged('messages in another order', 'reorder', { disorders: true }),
  damaged('messages late', 'delay'),
  {
    name: 'messages damaged',
    // What readers ask for again may come damaged again while it lasts; then it is for a person to ask once more.
    strike: async (scene) => {
      const from = new Date().toISOString();
      await everywhere(scene, { damage: 'damage' });
      for (const service of SERVICES) await replay(scene, service, from);
    },
  },
  { name: 'commits in another order than ids', strike: (scene) => everywhere(scene, { slowCommitMs: SLOW_COMMIT_MS }) },
];
