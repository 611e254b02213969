/** The only place that publishes policies. */
import { DomainError } from '@merit/chassis/errors';
import { append, type By } from '@merit/chassis/out/outbox';
import { agenciesOf } from '@merit/directory/directory';
import type { EntityManager } from 'typeorm';
import { policyMessage } from './policy.events.js';
import { policyFor, publish, type ScoringPolicy, type ScoringRules } from './policy.js';
import { insertPolicy, latestBegun, policiesOf } from './policy.table.js';

export interface PublishPolicy
  extends Pick<ScoringPolicy, 'agencyId' | 'version' | 'validFrom' | 'source' | 'verified'> {
  /** What differs from the policy that would hold without this one. */
  readonly changes: Partial<ScoringRules>;
}

/**
 * Publishes a policy for the periods from a day on. What it does not say it takes over from the policy before.
 * @throws AGENCY_NOT_FOUND, POLICY_VERSION_TAKEN, POLICY_BEFORE_FIRST, and as the rule does
 */
export async function publishPolicy(tx: EntityManager, by: By, command: PublishPolicy): Promise<{ policyId: string }> {
  const { changes, ...named } = command;
  if (named.agencyId && !(await agenciesOf(tx, [named.agencyId])).has(named.agencyId)) {
    throw new DomainError('AGENCY_NOT_FOUND', 'There is no such agency, or it is not known here yet.', {
      field: 'agencyId',
    });
  }
  const begun = await latestBegun(tx, named.agencyId);
  const known = await policiesOf(tx, named.agencyId ? [named.agencyId] : []);
  const before = inForce(known, named.agencyId, named.validFrom);
  const national = inForce(known, null, named.validFrom);
  const rules = { ...before.rules, ...changes };
  const policy = publish({ ...named, id: by.newId(), rules, publishedAt: by.now() }, begun, national);
  if (!(await insertPolicy(tx, policy))) {
    throw new DomainError('POLICY_VERSION_TAKEN', 'There is a policy of this name. Take another.', {
      field: 'version',
    });
  }
  await append(tx, [policyMessage(policy, by.newId(), policy.publishedAt)], by);
  return { policyId: policy.id };
}

function inForce(known: readonly ScoringPolicy[], agencyId: string | null, on: string): ScoringPolicy {
  const policy = policyFor(known, agencyId, on);
  if (policy) return policy;
  throw new DomainError('POLICY_BEFORE_FIRST', 'No policy was in force then. Take a later day.', {
    field: 'validFrom',
  });
}
