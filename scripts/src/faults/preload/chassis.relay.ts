import * as chassis from '@merit/chassis/relay';
import { variant } from './control.js';
import { startFour } from './variant.four-relays.js';

export * from '@merit/chassis/relay';

export const startRelay: typeof chassis.startRelay = variant === 'four-relays' ? startFour : chassis.startRelay;
