/** Where this service's aggregates stand, for readers who begin, rebuild, or lost the thread. */
import { startOfDay } from '@merit/chassis/local-date';
import type { AggregateState, SnapshotSource } from '@merit/chassis/out/snapshot';
import { numbersOnly } from '@merit/chassis/out/snapshot.numbers';
import { v5 } from 'uuid';
import { nextMonth } from './period/calendar.js';
import { periodMessage } from './period/period.events.js';
import type { Period, PeriodEvent } from './period/period.js';
import { periodsAfter } from './period/period.table.js';

/** A period has said one thing for each month that has begun, and one when it was over. */
const periods: SnapshotSource = {
  aggregateType: 'period',
  read: async (tx, after, limit) => (await periodsAfter(tx, after, limit)).map(stateOf),
};

const stateOf = (period: Period): AggregateState => ({
  id: period.id,
  key: period.agencyId,
  agencyId: period.agencyId,
  parts: [...reached(period)].map((event, n) => {
    const eventId = v5(String(n), period.id);
    const day = event.type === 'CheckpointReached' ? event.checkpoint : nextMonth(event.closedOn);
    const { type, payload, occurredAt } = periodMessage(event, eventId, startOfDay(day, period.timeZone));
    return { eventId, type, payload, occurredAt };
  }),
});

function* reached(period: Period): Generator<PeriodEvent> {
  if (period.checkpoint === null) return;
  for (let checkpoint = period.span.from; checkpoint <= period.checkpoint; checkpoint = nextMonth(checkpoint)) {
    yield { type: 'CheckpointReached', period, checkpoint };
  }
  if (period.closedOn !== null) yield { type: 'PeriodClosed', period, closedOn: period.closedOn };
}

/** Plans, policies and scores say things that nobody in this house keeps. */
export const sources: readonly SnapshotSource[] = [
  periods,
  numbersOnly('plan', `select id, employee_id as key from performance_plan where status = 'AGREED'`),
  numbersOnly('policy', 'select id, id as key from scoring_policy'),
  numbersOnly('score', 'select id, employee_id as key from score where version > 0'),
];
