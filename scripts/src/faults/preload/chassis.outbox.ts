import { setTimeout as pause } from 'node:timers/promises';
import * as chassis from '@merit/chassis/out/outbox';
import { controlOf } from './control.js';

export * from '@merit/chassis/out/outbox';

/** Some transactions take longer than others from their last write to their commit. */
export const append: typeof chassis.append = async (...given) => {
  await chassis.append(...given);
  const { slowCommitMs = 0 } = controlOf();
  if (slowCommitMs > 0) await pause(Math.random() * slowCommitMs);
};
