/** Records that come twice, in another order, late or broken. */
import { setTimeout as pause } from 'node:timers/promises';
import { SERVICES } from '../start.plan.js';
import { type Fault, lasting, type Scene } from './fault.js';
import type { Control, Damage } from './preload/control.js';

/** For a while, in every service. */
export async function everywhere(scene: Scene, control: Control): Promise<void> {
  const end = Object.fromEntries(Object.keys(control).map((name) => [name, undefined]));
  for (const service of SERVICES) scene.world.control(service, control);
  await pause(lasting(scene));
  for (const service of SERVICES) scene.world.control(service, end);
}

const damaged = (name: string, damage: Damage, more: Partial<Fault> = {}): Fault => ({
  name,
  ...more,
  strike: (scene) => everywhere(scene, { damage }),
});

/** The longest that a transaction waits before its commit: many others begin and end meanwhile. */
const SLOW_COMMIT_MS = 150;

export const transports: readonly Fault[] = [
  damaged('messages twice', 'duplicate', { short: true }),
  damaged('messages in another order', 'reorder', { disorders: true }),
  damaged('messages late', 'delay'),
  // Nobody does anything about it: what came damaged is asked for again until it comes whole.
  damaged('messages damaged', 'values'),
  { name: 'commits in another order than ids', strike: (scene) => everywhere(scene, { slowCommitMs: SLOW_COMMIT_MS }) },
];
