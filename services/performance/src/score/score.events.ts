import { message, type OutboxEvent } from '@merit/chassis/out/outbox';
import { ScoreChangedSchema } from '@merit/proto/performance';

export interface ScoreChange {
  readonly id: string;
  readonly employeeId: string;
  readonly year: number;
  readonly value: string | null;
  readonly version: number;
  readonly agencyId: string | null;
}

/** Parts and sources stay here: others learn the figure. */
export function scoreMessage(
  { id: scoreId, agencyId, value, ...rest }: ScoreChange,
  id: string,
  at: Date,
): OutboxEvent {
  const { employeeId, year, version } = rest;
  const about = { id, aggregateType: 'score', aggregateId: scoreId, key: employeeId, occurredAt: at };
  return message(ScoreChangedSchema, agencyId ? { ...about, agencyId } : about, {
    scoreId,
    employeeId,
    year,
    version: BigInt(version),
    ...(value === null ? {} : { value }),
  });
}
