import type { AggregatePart, SnapshotSource } from '@merit/chassis/out/snapshot';
import { part } from '../part.js';
import { toMessage } from './agreement.events.js';
import type { Agreement } from './agreement.js';
import { AGREEMENT } from './agreement.table.js';

export const agreementSnapshots: SnapshotSource = {
  aggregateType: 'agreement',
  read: async (tx, after, limit) => {
    const agreements: Agreement[] = await tx.query(
      `${AGREEMENT} where $1::uuid is null or a.id > $1 order by a.id limit $2`,
      [after, limit],
    );
    return agreements.map((agreement) => ({
      id: agreement.id,
      key: agreement.id,
      agencyId: agreement.agencyId,
      parts: partsOf(agreement),
    }));
  },
};

/** The last day that was meant at first is not kept once the agreement is ended: it no longer matters to anyone. */
function partsOf(agreement: Agreement): AggregatePart[] {
  const { validTo, recordedAt, endedAt } = agreement;
  const meant = { ...agreement, validTo: endedAt === null ? validTo : null };
  const signed = part(toMessage({ type: 'AgreementSigned', agreement: meant }), 'signed', recordedAt);
  if (endedAt === null || validTo === null) return [signed];
  const ended = toMessage({ type: 'AgreementEnded', agreement: { ...agreement, validTo } });
  return [signed, part(ended, `ended/${validTo}/${endedAt.getTime()}`, endedAt)];
}
