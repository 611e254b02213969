import type { AggregatePart, SnapshotSource } from '@merit/chassis/out/snapshot';
import { part } from '../part.js';
import { toMessage } from './grant.events.js';
import type { Grant } from './grant.js';

export const grantSnapshots: SnapshotSource = {
  aggregateType: 'grant',
  read: async (tx, after, limit) => {
    const grants: Grant[] = await tx.query(
      `select id, subject, role, agency_id as "agencyId", unit_id as "unitId", valid_from as "validFrom",
              valid_to as "validTo", recorded_at as "recordedAt", revoked_at as "revokedAt"
         from role_grant where $1::uuid is null or id > $1 order by id limit $2`,
      [after, limit],
    );
    return grants.map((grant) => ({
      id: grant.id,
      key: grant.subject,
      agencyId: grant.agencyId,
      parts: partsOf(grant),
    }));
  },
};

/** The last day that was meant at first is not kept once the role is taken back: it no longer matters to anyone. */
function partsOf(grant: Grant): AggregatePart[] {
  const { validTo, recordedAt, revokedAt } = grant;
  const given = { ...grant, validTo: revokedAt === null ? validTo : null };
  const granted = part(toMessage({ type: 'RoleGranted', grant: given }), 'granted', recordedAt);
  if (revokedAt === null || validTo === null) return [granted];
  const revoked = toMessage({ type: 'RoleRevoked', grant: { ...grant, validTo } });
  return [granted, part(revoked, `revoked/${validTo}/${revokedAt.getTime()}`, revokedAt)];
}
