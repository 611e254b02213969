import type { ServiceContext } from '@merit/chassis/api/context';
import { type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { Grant } from './grant.js';

export const GrantTable = new EntitySchema<Grant>({
  name: 'role_grant',
  columns: {
    id: { type: 'uuid', primary: true },
    subject: { type: 'text' },
    role: { type: 'text' },
    agencyId: { type: 'uuid', name: 'agency_id', nullable: true },
    unitId: { type: 'uuid', name: 'unit_id', nullable: true },
    validFrom: { type: 'date', name: 'valid_from' },
    validTo: { type: 'date', name: 'valid_to', nullable: true },
    decreeNumber: { type: 'text', name: 'decree_number', nullable: true },
    decreeDate: { type: 'date', name: 'decree_date', nullable: true },
    recordedAt: { type: 'timestamptz', name: 'recorded_at' },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
    revokeReason: { type: 'text', name: 'revoke_reason', nullable: true },
  },
});

/**
 * All that was ever given to a subject, held until the transaction ends against giving more.
 * A subject need not have a row anywhere, so the lock is on its name: two grants of one role cannot both find none.
 */
export async function lockGrantsOf(tx: EntityManager, subject: string): Promise<Grant[]> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('personnel.grant ' || $1, 0))`, [subject]);
  return tx.findBy(GrantTable, { subject });
}

export async function saveGrants(tx: EntityManager, grants: readonly Grant[]): Promise<void> {
  if (grants.length > 0) await tx.upsert(GrantTable, [...grants], ['id']);
}

/** @throws GRANT_NOT_FOUND */
export async function requireGrant(tx: EntityManager, id: string): Promise<Grant> {
  const grant = await tx.findOneBy(GrantTable, { id });
  if (!grant) throw grantNotFound();
  return grant;
}

export const grantNotFound = () => new DomainError('GRANT_NOT_FOUND', 'There is no such grant.', { field: 'grantId' });

/** Null for those that do not exist. */
export const grantsById = rowsById(GrantTable);

/** What was ever given to a subject, the latest first. */
export const grantPages = ({ db }: ServiceContext, keys: readonly PageKey[]): Promise<Grant[][]> =>
  pagesOf<Grant>(db, keys, {
    columns: `id, subject, role, agency_id as "agencyId", unit_id as "unitId", valid_from as "validFrom",
            valid_to as "validTo", decree_number as "decreeNumber", decree_date as "decreeDate",
            recorded_at as "recordedAt", revoked_at as "revokedAt", revoke_reason as "revokeReason"`,
    from: 'role_grant where subject = parent.id::text',
    keys: [
      { sql: 'valid_from', type: 'date' },
      { sql: 'id', type: 'uuid' },
    ],
    descending: true,
  });
