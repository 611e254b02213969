import { encode, type OutboxEvent } from '@merit/chassis/out/outbox';
import { ScoreChangedSchema } from '@merit/proto/performance';

export interface ScoreChange {
  readonly id: string;
  readonly employeeId: string;
  readonly year: number;
  readonly value: string | null;
  readonly version: number;
  readonly agencyId: string | null;
  /** The trace of what changed it. */
  readonly traceparent: string | null;
}

/** Parts and sources stay here: others learn the figure. */
export function scoreMessage(change: ScoreChange, id: string, at: Date): OutboxEvent {
  const { id: scoreId, employeeId, year, version, value, agencyId, traceparent } = change;
  return {
    id,
    aggregateType: 'score',
    aggregateId: scoreId,
    key: employeeId,
    type: ScoreChangedSchema.typeName,
    payload: encode(ScoreChangedSchema, {
      scoreId,
      employeeId,
      year,
      version: BigInt(version),
      ...(value === null ? {} : { value }),
    }),
    occurredAt: at,
    agencyId: agencyId ?? undefined,
    traceparent,
  };
}
