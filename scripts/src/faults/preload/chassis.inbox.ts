import * as chassis from '@merit/chassis/inbox';
import { variant } from './control.js';
import { applyAll } from './variant.unchecked.js';

export * from '@merit/chassis/inbox';

export const sift: typeof chassis.sift = variant === 'no-sequence' ? applyAll : chassis.sift;
