import { setTimeout as pause } from 'node:timers/promises';
import * as chassis from '@merit/chassis/out/outbox';
import { chanceIn, controlOf } from './control.js';

export * from '@merit/chassis/out/outbox';

const chance = chanceIn('commits');

/** Some transactions take longer than others from their last write to their commit. */
export const append: typeof chassis.append = async (...given) => {
  await chassis.append(...given);
  const { slowCommitMs = 0 } = controlOf();
  if (slowCommitMs > 0) await pause(chance.next() * slowCommitMs);
};
