/** HR of the agency, and never on their own record. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireId } from '@merit/chassis/errors';
import { type ImportAnswer, judgeRows, requireRows } from '@merit/chassis/import';
import { append, byViewer } from '@merit/chassis/out/outbox';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { actingEmployee, within } from '../actor.js';
import { claimCertificates } from '../enrolment/certificate.table.js';
import { toOutbox } from '../enrolment/enrolment.events.js';
import { saveEnrolments } from '../enrolment/enrolment.table.js';
import { recount } from '../hours/ledger.commands.js';
import { spansOf } from '../hours/span.js';
import { timeZoneOf } from '../time-zone.table.js';
import { type Entry, judgeTraining, type TrainingRow } from './training-import.js';
import { knownTo } from './training-import.table.js';

export interface ImportTrainingRecords {
  readonly agencyId: string;
  readonly rows: readonly TrainingRow[];
  readonly validateOnly?: boolean | null | undefined;
}

/**
 * Enters trainings that are over: all rows or, if one is wrong, none. Rows that are there already stay as they are. Some
 * thirty statements, however many rows.
 * @throws FORBIDDEN, TOO_MANY_ROWS; CONFLICT when someone else entered one of the certificates meanwhile
 */
export async function importTrainingRecords(
  tx: EntityManager,
  context: ServiceContext,
  command: ImportTrainingRecords,
): Promise<ImportAnswer> {
  const rows = requireRows(command.rows);
  const agencyId = requireId(command.agencyId, 'agencyId');
  await demand(within(context, tx), ['HR'], { agency: agencyId });
  const known = await knownTo(tx, agencyId, rows);
  const timeZone = await timeZoneOf(tx, agencyId);
  const setting = { now: context.now(), newId: context.newId, timeZone, actor: actingEmployee(context) };
  const { fresh, unchanged, problems } = judgeRows(rows, (row) => judgeTraining(row, known, setting));
  if (problems.length > 0) return { imported: 0, unchanged, problems };
  if (!command.validateOnly && fresh.length > 0) await carryOut(tx, context, agencyId, fresh);
  return { imported: fresh.length, unchanged, problems };
}

async function carryOut(tx: EntityManager, context: ServiceContext, agencyId: string, entries: readonly Entry[]) {
  const certificates = entries.map(({ course: { provider }, state: { id, certificateNumber } }) => ({
    agencyId,
    provider,
    number: certificateNumber,
    enrolmentId: id,
  }));
  if ((await claimCertificates(tx, certificates)).size < entries.length) {
    throw new DomainError('CONFLICT', 'Someone else entered one of these certificates just now. Import again.', {
      field: 'rows',
    });
  }
  await saveEnrolments(
    tx,
    entries.map(({ state }) => state),
  );
  const by = byViewer(context);
  const now = by.now();
  await append(
    tx,
    entries.flatMap(({ events }) => events.map((event) => toOutbox(event, agencyId, now))),
    by,
  );
  await recount(tx, by, spansOf(entries.map(({ state }) => state)));
}
