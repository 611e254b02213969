import type { SnapshotSource } from '@merit/chassis/out/snapshot';
import { part } from '../part.js';
import { toMessage } from './agency.events.js';
import type { Agency } from './agency.js';

export const agencySnapshots: SnapshotSource = {
  aggregateType: 'agency',
  read: async (tx, after, limit) => {
    const rows: (Agency & { recordedAt: Date })[] = await tx.query(
      `select id, name, time_zone as "timeZone", recorded_at as "recordedAt"
         from agency where $1::uuid is null or id > $1 order by id limit $2`,
      [after, limit],
    );
    return rows.map(({ recordedAt, ...agency }) => ({
      id: agency.id,
      key: agency.id,
      agencyId: agency.id,
      parts: [part(toMessage({ type: 'AgencyRegistered', agency }), 'registered', recordedAt)],
    }));
  },
};
