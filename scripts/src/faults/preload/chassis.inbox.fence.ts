import * as chassis from '@merit/chassis/in/inbox.fence';
import { variant } from './control.js';
import { enterAnyhow } from './variant.unchecked.js';

export * from '@merit/chassis/in/inbox.fence';

export const enter: typeof chassis.enter = variant === 'no-fence' ? enterAnyhow : chassis.enter;
