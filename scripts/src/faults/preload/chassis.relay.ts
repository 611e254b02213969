import * as chassis from '@merit/chassis/out/relay';
import { variant } from './control.js';
import { startFour } from './variant.four-relays.js';

export * from '@merit/chassis/out/relay';

export const startRelay: typeof chassis.startRelay = variant === 'four-relays' ? startFour : chassis.startRelay;
