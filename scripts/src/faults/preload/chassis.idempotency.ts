import * as chassis from '@merit/chassis/api/idempotency';
import { variant } from './control.js';

export * from '@merit/chassis/api/idempotency';

/** Broken on purpose: a repeated key has its effect again. */
export const once: typeof chassis.once = (context, mutation, input, run) =>
  chassis.once(context, mutation, variant === 'no-idempotency' ? { ...input, idempotencyKey: null } : input, run);
