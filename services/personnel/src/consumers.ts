/** Every event of others that this service takes in. */
import type { Subscription } from '@merit/chassis/consumer';
import { requestsSubscription } from '@merit/chassis/requests';
import { accessSubscription } from './access-log/access-log.consumer.js';

/** What others ask of its events, and whose data they showed to whom. Its own directory needs no events: commands write it. */
export const subscriptions: readonly Subscription[] = [
  accessSubscription,
  requestsSubscription({ source: '/merit/personnel' }),
];
