/** This service's events, as operators see them and act on them. */
import type { Logger } from '@merit/chassis/log';
import type { Operations } from '@merit/chassis/operations/operations.graph';
import type { EventTransport } from '@merit/chassis/transport/transport';
import { contracts } from '@merit/proto/contracts';
import { subscriptions } from './consumers.js';
import { ownDirectory } from './own-directory.js';

export const operations = (transport: EventTransport, log: Logger): Operations => ({
  name: 'personnel',
  source: '/merit/personnel',
  topic: 'merit.personnel.v1',
  transport,
  group: 'personnel',
  subscriptions,
  models: [ownDirectory],
  contracts,
  log,
});
