/** Every event that this service takes in. */
import type { Subscription } from '@merit/chassis/in/consumer';
import { requestsSubscription } from '@merit/chassis/in/requests';
import { directorySubscription } from '@merit/directory/directory';

/** People, units and roles, from personnel. Calendars are published here, so their events bring nothing new. */
export const subscriptions: readonly Subscription[] = [
  directorySubscription,
  requestsSubscription({ source: '/merit/feedback' }),
];
