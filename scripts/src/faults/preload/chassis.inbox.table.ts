import * as chassis from '@merit/chassis/in/inbox.table';
import { reach, variant } from './control.js';
import { lockNothing, saveAtOnce } from './variant.offset-first.js';

export * from '@merit/chassis/in/inbox.table';

export const lockPosition: typeof chassis.lockPosition = (...given) =>
  (variant === 'offset-first' ? lockNothing : chassis.lockPosition)(...given);

/** The last write of a chunk: everything is done, and nothing is committed. */
export const savePosition: typeof chassis.savePosition = async (...given) => {
  const saved = await (variant === 'offset-first' ? saveAtOnce : chassis.savePosition)(...given);
  if (given[2].asOf !== null) reach('before-commit');
  return saved;
};
