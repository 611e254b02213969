import * as chassis from '@merit/chassis/out/outbox.table';
import { reach, variant } from './control.js';
import { cursor } from './variant.cursor.js';

export * from '@merit/chassis/out/outbox.table';

export const readWaiting: typeof chassis.readWaiting = async (...given) => {
  const rows = await chassis.readWaiting(...given);
  return variant === 'cursor' ? cursor(rows) : rows;
};

/** Published, and not marked yet. */
export const markPublished: typeof chassis.markPublished = (...given) => {
  if (given[2].length > 0) reach('before-mark');
  return chassis.markPublished(...given);
};
