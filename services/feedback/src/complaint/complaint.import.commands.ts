/** Complaints of an earlier system, up to a thousand at a time. */
import { randomBytes } from 'node:crypto';
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, isId, requireId, requireText } from '@merit/chassis/errors';
import { type ImportAnswer, judgeRows, requireRows } from '@merit/chassis/import';
import { localDateAt } from '@merit/chassis/local-date';
import { byViewer } from '@merit/chassis/out/outbox';
import { personAt } from '@merit/directory/directory';
import type { EntityManager } from 'typeorm';
import type { Calendar } from '../calendar/calendar.js';
import { calendarsOf, shareCalendars } from '../calendar/calendar.table.js';
import { publish } from '../publish.js';
import { publicNumber } from '../secret.js';
import type { PublicService } from '../service/service.js';
import { readServices } from '../service/service.table.js';
import { complaintMessage } from './complaint.events.js';
import { COMPLAINT_FIGURES, type ComplaintClass } from './complaint.figures.js';
import type { ComplaintEvent } from './complaint.js';
import type { ComplaintRecord } from './complaint.rows.table.js';
import { complaintsByReference, insertComplaints, type NewComplaint } from './complaint.table.js';
import { type History, isHistoryOf, replay } from './history.js';
import type { Officer } from './officer.js';

export interface ComplaintRow {
  readonly reference: string;
  readonly serviceId: string;
  readonly text?: string | null;
  readonly confidential: boolean;
  readonly receivedAt: Date;
  readonly class?: ComplaintClass | null;
  readonly forwardedAt?: Date | null;
  readonly named: readonly string[];
  readonly handlerId?: string | null;
  readonly resolvedAt?: Date | null;
  readonly rejectedAt?: Date | null;
}

export interface ImportComplaints {
  readonly agencyId: string;
  readonly rows: readonly ComplaintRow[];
  readonly validateOnly: boolean;
}

interface Entered extends NewComplaint {
  readonly events: readonly ComplaintEvent[];
}

/** Unit → whoever imports, with regard to it; of every unit for which they were judged to be allowed to. */
export type Importers = ReadonlyMap<string, Officer>;

/** What rows are judged by: read once, for all of them. */
interface Known {
  readonly agencyId: string;
  readonly services: ReadonlyMap<string, PublicService>;
  readonly people: ReadonlyMap<string, unknown>;
  readonly calendar: Calendar;
  readonly importers: Importers;
  readonly now: Date;
  readonly newId: () => string;
}

/**
 * Enters complaints with their dates: eight statements, however many rows. A reference that is there with another history
 * is a problem of its row.
 * @throws TOO_MANY_ROWS, BUSY
 */
export async function importComplaints(
  tx: EntityManager,
  context: ServiceContext,
  importers: Importers,
  { agencyId, rows, validateOnly }: ImportComplaints,
): Promise<ImportAnswer> {
  requireRows(rows);
  await shareCalendars(tx);
  const known = { ...(await readKnown(tx, context, agencyId, rows)), importers };
  const before = await complaintsByReference(
    tx,
    agencyId,
    rows.map(({ reference }) => reference.trim().normalize('NFC')),
  );
  const seen = new Map<string, Pick<ComplaintRecord, 'state' | 'text'>>(before);
  const { fresh, unchanged, problems } = judgeRows(rows, (row) => {
    const entered = enter(row, known);
    const earlier = seen.get(entered.reference!);
    if (earlier && !isSame(earlier, row, entered)) throw otherHistory(before.has(entered.reference!));
    seen.set(entered.reference!, earlier ?? entered);
    return earlier ? null : entered;
  });
  if (problems.length === 0 && !validateOnly) await write(tx, context, fresh);
  return { imported: fresh.length, unchanged, problems };
}

async function readKnown(
  tx: EntityManager,
  { now, newId }: ServiceContext,
  agencyId: string,
  rows: readonly ComplaintRow[],
): Promise<Omit<Known, 'importers'>> {
  const calendar = (await calendarsOf(tx, [agencyId]))(agencyId);
  const services = await readServices(tx, idsAmong(rows.map(({ serviceId }) => serviceId)));
  const people = idsAmong(rows.flatMap(({ handlerId, named }) => [...named, ...(handlerId ? [handlerId] : [])]));
  const known = await personAt(tx, people, localDateAt(now(), calendar.zone));
  return { agencyId, services, people: known, calendar, now: now(), newId };
}

/** What is no id is told of its row, when that is judged. */
const idsAmong = (texts: readonly string[]): string[] => [...new Set(texts.filter(isId).map((id) => id.toLowerCase()))];

function enter(row: ComplaintRow, { agencyId, services, people, calendar, importers, now, newId }: Known): Entered {
  const service = services.get(requireId(row.serviceId, 'serviceId'));
  const importer = service && importers.get(service.unitId);
  if (service?.agencyId !== agencyId || !importer)
    throw refuse('SERVICE_NOT_FOUND', 'The agency has no such service.', 'serviceId');
  const history = historyOf(row);
  const unknown = [...history.named, ...(history.handlerId ? [history.handlerId] : [])].find((id) => !people.has(id));
  if (unknown) {
    const field = unknown === history.handlerId ? 'handlerId' : 'named';
    throw refuse('EMPLOYEE_NOT_FOUND', 'There is no such employee, or they are not known here yet.', field);
  }
  const about = { id: newId(), serviceId: service.id, unitId: service.unitId, agencyId };
  const { state, events } = replay(about, history, importer, { figures: COMPLAINT_FIGURES, calendar }, now);
  const text = row.text == null ? null : requireText(row.text, 'text', { max: 10_000, lines: true });
  const reference = requireText(row.reference, 'reference', { max: 100 });
  return { state, events, trackingId: publicNumber(randomBytes(10)), reference, text, confidential: row.confidential };
}

const historyOf = (row: ComplaintRow): History => ({
  receivedAt: row.receivedAt,
  class: row.class ?? null,
  forwardedAt: row.forwardedAt ?? null,
  named: row.named.map((id) => requireId(id, 'named')),
  handlerId: row.handlerId == null ? null : requireId(row.handlerId, 'handlerId'),
  resolvedAt: row.resolvedAt ?? null,
  rejectedAt: row.rejectedAt ?? null,
});

const isSame = (earlier: Pick<ComplaintRecord, 'state' | 'text'>, row: ComplaintRow, entered: Entered): boolean =>
  earlier.state.serviceId === entered.state.serviceId &&
  earlier.text === entered.text &&
  isHistoryOf(earlier.state, historyOf(row));

const otherHistory = (isStored: boolean) =>
  isStored
    ? refuse('COMPLAINT_EXISTS', 'This reference is there with another history.', 'reference')
    : refuse('ROW_REPEATED', 'This reference stands in another row with another history.', 'reference');

async function write(tx: EntityManager, context: ServiceContext, fresh: readonly Entered[]): Promise<void> {
  const written = await insertComplaints(
    tx,
    fresh.map(({ events: _, ...complaint }) => complaint),
  );
  // Someone else entered the same references between our look and our write: nothing of this call may stand.
  if (written < fresh.length)
    throw new DomainError('BUSY', 'Someone else is entering these complaints. Try again in a moment.');
  await publish(
    tx,
    byViewer(context),
    fresh.flatMap(({ events }) => events.map(complaintMessage)),
  );
}

const refuse = (code: string, message: string, field: string) => new DomainError(code, message, { field });
