/** The registry of certificate numbers: each once for its provider in an agency. */
import { DomainError } from '@merit/chassis/errors';
import type { EntityManager } from 'typeorm';
import { plain } from './certificate.js';

export interface Certificate {
  readonly agencyId: string;
  readonly provider: string;
  readonly number: string;
  readonly enrolmentId: string;
}

/**
 * Enters numbers, in one statement, and answers those that were free. The primary key decides between simultaneous uses;
 * the order keeps two transactions that enter the same ones from blocking each other.
 */
export async function claimCertificates(tx: EntityManager, certificates: readonly Certificate[]): Promise<Set<string>> {
  const rows = certificates.map((one) => ({ ...one, provider: plain(one.provider), number: plain(one.number) }));
  const claimed: { enrolment_id: string }[] = await tx.query(
    `insert into certificate (agency_id, provider, number, enrolment_id)
     select "agencyId", provider, number, "enrolmentId"
       from jsonb_to_recordset($1::jsonb) as r ("agencyId" uuid, provider text, number text, "enrolmentId" uuid)
      order by 1, 2, 3
     on conflict (agency_id, provider, number) do nothing
     returning enrolment_id`,
    [JSON.stringify(rows)],
  );
  return new Set(claimed.map(({ enrolment_id }) => enrolment_id));
}

/** @throws CERTIFICATE_USED */
export async function claimCertificate(tx: EntityManager, certificate: Certificate): Promise<void> {
  if ((await claimCertificates(tx, [certificate])).size === 0) throw certificateUsed();
}

const certificateUsed = (): DomainError =>
  new DomainError('CERTIFICATE_USED', 'This provider has given this number to another certificate. Check the number.', {
    field: 'certificateNumber',
  });

/** Sets the number of an enrolment free: it was a wrong one, or the training was revoked. */
export const releaseCertificate = (tx: EntityManager, enrolmentId: string): Promise<unknown> =>
  tx.query('delete from certificate where enrolment_id = $1', [enrolmentId]);
