/** What is realised: in the contract's words for others, and as a fact for the scores. */
import { message, type OutboxEvent } from '@merit/chassis/out/outbox';
import { RealisationReportedSchema } from '@merit/proto/performance';
import type { PersonFact } from '../score/fact.table.js';
import type { RealisationEvent } from './realisation.js';

/** The evidence stays here: it may name people. */
export function realisationMessage({ realisation }: RealisationEvent, id: string): OutboxEvent {
  const { id: realisationId, planId, employeeId, indicatorId, quantity, realisedOn, replacesId } = realisation;
  const { agencyId, reportedAt: occurredAt } = realisation;
  const about = { id, aggregateType: 'plan', aggregateId: planId, key: employeeId, occurredAt, agencyId };
  return message(RealisationReportedSchema, about, {
    realisationId,
    planId,
    employeeId,
    indicatorId,
    quantity,
    realisedOn,
    ...(replacesId ? { replacesId } : {}),
  });
}

export const realisationFact = ({ realisation }: RealisationEvent, id: string, actor: string | null): PersonFact => ({
  id,
  year: realisation.year,
  employeeId: realisation.employeeId,
  kind: 'REALISATION',
  recordId: realisation.id,
  version: 1,
  actor,
  occurredAt: realisation.reportedAt,
  data: {
    indicatorId: realisation.indicatorId,
    quantity: realisation.quantity,
    realisedOn: realisation.realisedOn,
    replaces: realisation.replacesId,
  },
});
