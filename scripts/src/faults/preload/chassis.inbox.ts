import * as chassis from '@merit/chassis/in/inbox';
import { variant } from './control.js';
import { applyAll } from './variant.unchecked.js';

export * from '@merit/chassis/in/inbox';

export const sift: typeof chassis.sift = variant === 'no-sequence' ? applyAll : chassis.sift;
