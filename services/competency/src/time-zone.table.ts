import { agenciesOf } from '@merit/directory/directory';
import { DEFAULT_TIME_ZONE } from '@merit/directory/judgement.table';
import type { EntityManager } from 'typeorm';

/** The zone by which an agency's days begin. */
export const timeZoneOf = async (tx: EntityManager, agencyId: string): Promise<string> =>
  (await agenciesOf(tx, [agencyId])).get(agencyId)?.timeZone ?? DEFAULT_TIME_ZONE;
