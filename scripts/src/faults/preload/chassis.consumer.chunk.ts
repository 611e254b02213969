import * as chassis from '@merit/chassis/in/consumer.chunk';
import { reach } from './control.js';

export * from '@merit/chassis/in/consumer.chunk';

/** Applied and committed, and the transport does not know it yet. */
export const chunkHandler: typeof chassis.chunkHandler = (options) => {
  let applied = false;
  const handle = chassis.chunkHandler({
    ...options,
    onDone: (topic, done) => {
      applied ||= done.applied.length > 0;
      options.onDone(topic, done);
    },
  });
  return async (chunk) => {
    const next = await handle(chunk);
    if (applied) reach('after-commit');
    applied = false;
    return next;
  };
};
