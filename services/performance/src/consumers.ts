/** Every event of others that this service takes in. */
import type { Subscription } from '@merit/chassis/consumer';
import type { By } from '@merit/chassis/outbox';
import { directorySubscription } from '@merit/directory/directory';
import { membershipTypes, takeMembership } from './membership/membership.consumer.js';
import { feedbackTypes, takeFeedback } from './score/feedback.consumer.js';
import { hoursTypes, takeHours } from './score/hours.consumer.js';

/** In the order in which they get the events of a chunk: who is who first, then what follows from it. */
export const subscriptions = (clock: Pick<By, 'now' | 'newId'>): Subscription[] => {
  const by: By = { ...clock, actor: 'system', traceparent: null };
  return [
    directorySubscription,
    {
      topic: 'merit.personnel.v1',
      types: membershipTypes,
      handle: (tx, events) => takeMembership(tx, { ...by, traceparent: traceOf(events) }, events),
    },
    {
      topic: 'merit.competency.v1',
      types: hoursTypes,
      handle: (tx, events) => takeHours(tx, { ...by, traceparent: traceOf(events) }, events),
    },
    { topic: 'merit.feedback.v1', types: feedbackTypes, handle: takeFeedback },
  ];
};

/** The trace that a chunk belongs to, where it is one event's. */
const traceOf = (events: readonly { readonly traceparent: string | null }[]): string | null =>
  events.length === 1 ? (events[0]?.traceparent ?? null) : null;
