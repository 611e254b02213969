/** What results were before they were corrected or revoked. Rows are added, never changed. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { prepared } from '@merit/chassis/prepared';
import type { EntityManager } from 'typeorm';
import type { EnrolmentEvent } from './enrolment.js';
import type { Result } from './result.js';

type Correction = Extract<EnrolmentEvent, { readonly before: unknown }>;

export interface Change extends Result {
  readonly enrolmentId: string;
  readonly kind: 'CORRECTED' | 'REVOKED';
  readonly reason: string;
  readonly recordedAt: Date;
}

/** @param by who changed it: `employee/<id>` or `system` */
export async function addChange(tx: EntityManager, change: Correction, by: string | null, at: Date): Promise<void> {
  const { before, enrolment } = change;
  const corrected = change.type === 'TrainingCorrected';
  await tx.query(
    `insert into enrolment_change (event_id, enrolment_id, kind, reason, actor, recorded_at, replaced_event_id, hours,
                                   certificate_number, completed_at, starts_on, ends_on, verified)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      enrolment.eventId,
      before.id,
      corrected ? 'CORRECTED' : 'REVOKED',
      corrected ? change.reason : change.enrolment.reason,
      by,
      at,
      before.eventId,
      before.hours,
      before.certificateNumber,
      before.completedAt,
      before.startsOn,
      before.endsOn,
      before.verified,
    ],
  );
}

/** Enrolment id → its changes, the first one first. */
export async function changesOf({ db }: ServiceContext, ids: readonly string[]): Promise<Change[][]> {
  const rows: Change[] = await prepared(
    db,
    `select enrolment_id as "enrolmentId", kind, reason, recorded_at as "recordedAt", hours,
            certificate_number as "certificateNumber", completed_at as "completedAt", starts_on as "startsOn",
            ends_on as "endsOn", verified
       from enrolment_change where enrolment_id = any($1) order by recorded_at, event_id`,
    [ids],
  );
  return ids.map((id) => rows.filter(({ enrolmentId }) => enrolmentId === id));
}
