import * as chassis from '@merit/chassis/inbox.fence';
import { variant } from './control.js';
import { enterAnyhow } from './variant.unchecked.js';

export * from '@merit/chassis/inbox.fence';

export const enter: typeof chassis.enter = variant === 'no-fence' ? enterAnyhow : chassis.enter;
