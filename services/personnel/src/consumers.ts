/** Every event of others that this service takes in. */
import type { Subscription } from '@merit/chassis/consumer';
import { requestsSubscription } from '@merit/chassis/requests';

/** What others ask of its events. Its own directory needs no events: commands write it. */
export const subscriptions: readonly Subscription[] = [requestsSubscription({ source: '/merit/personnel' })];
