/** Every event of others that this service takes in. */
import type { Subscription } from '@merit/chassis/in/consumer';
import { requestsSubscription } from '@merit/chassis/in/requests';
import { accessSubscription } from './access-log/access-log.consumer.js';

/** What others ask of its events, and whose data they showed to whom. Its own directory needs no events: commands write it. */
export const subscriptions: readonly Subscription[] = [
  accessSubscription,
  requestsSubscription({ source: '/merit/personnel' }),
];
