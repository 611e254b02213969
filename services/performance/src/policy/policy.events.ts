import { message, type OutboxEvent } from '@merit/chassis/out/outbox';
import { PolicyPublishedSchema } from '@merit/proto/performance';
import type { ScoringPolicy } from './policy.js';

/** What others learn of a published policy: that it is there, and for whom and when. */
export function policyMessage(
  { id: policyId, agencyId, version, validFrom }: ScoringPolicy,
  id: string,
  at: Date,
): OutboxEvent {
  const about = { id, aggregateType: 'policy', aggregateId: policyId, key: policyId, occurredAt: at };
  return message(
    PolicyPublishedSchema,
    agencyId ? { ...about, agencyId } : about,
    agencyId ? { policyId, agencyId, version, validFrom } : { policyId, version, validFrom },
  );
}
