import { message, type OutboxEvent } from '@merit/chassis/out/outbox';
import { CheckpointReachedSchema, PeriodClosedSchema } from '@merit/proto/performance';
import type { PeriodEvent } from './period.js';

/** The domain's word for what happened → the contract's. */
export function periodMessage(event: PeriodEvent, id: string, at: Date): OutboxEvent {
  const { id: periodId, agencyId, year } = event.period;
  const about = { id, aggregateType: 'period', aggregateId: periodId, key: agencyId, occurredAt: at, agencyId };
  switch (event.type) {
    case 'CheckpointReached':
      return message(CheckpointReachedSchema, about, { periodId, agencyId, checkpoint: event.checkpoint, year });
    case 'PeriodClosed':
      return message(PeriodClosedSchema, about, { periodId, agencyId, closedOn: event.closedOn });
    default:
      return event satisfies never;
  }
}
