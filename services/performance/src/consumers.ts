/** Every event of others that this service takes in. */
import type { Subscription } from '@merit/chassis/in/consumer';
import { readModel } from '@merit/chassis/in/readmodel';
import { requestsSubscription } from '@merit/chassis/in/requests';
import type { By } from '@merit/chassis/out/outbox';
import { directorySubscription } from '@merit/directory/directory';
import { belongingTypes, recomputeConcerned } from './membership/belonging.consumer.js';
import { membershipModel } from './membership/membership.consumer.js';
import { feedbackTypes, takeBackFeedback, takeFeedback } from './score/feedback.consumer.js';
import { hoursTypes, takeBackHours, takeHours } from './score/hours.consumer.js';

/** In the order in which they get the events of a chunk: who is who first, then what follows from it. */
export const subscriptions = (clock: Pick<By, 'now' | 'newId'>): Subscription[] => {
  // What follows from an event is in its trace, also where a chunk has many: the handlers say which.
  const by: By = { ...clock, actor: 'system', traceparent: null };
  return [
    directorySubscription,
    readModel(membershipModel),
    {
      topic: 'merit.personnel.v1',
      types: belongingTypes,
      handle: (tx, events) => recomputeConcerned(tx, by, events),
    },
    {
      topic: 'merit.competency.v1',
      types: hoursTypes,
      handle: (tx, events) => takeHours(tx, by, events),
      takeBack: (tx, lost) => takeBackHours(tx, by, lost),
    },
    { topic: 'merit.feedback.v1', types: feedbackTypes, handle: takeFeedback, takeBack: takeBackFeedback },
    requestsSubscription({ source: '/merit/performance' }),
  ];
};
