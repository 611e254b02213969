/** Complaints as they lie in the database. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import type { DataSource, EntityManager } from 'typeorm';
import type { Complaint } from './complaint.js';
import {
  BIRTH,
  type ComplaintRecord,
  columnOf,
  columns,
  quoted,
  type Row,
  recordOf,
  rowOf,
  SELECT,
  STATE,
  typed,
} from './complaint.rows.table.js';

type Reader = DataSource | EntityManager;

export type NewComplaint = Pick<ComplaintRecord, 'state' | 'trackingId' | 'reference' | 'text' | 'confidential'>;

/** Writes new complaints; fewer than given when another transaction entered one of the references first. */
export async function insertComplaints(tx: EntityManager, complaints: readonly NewComplaint[]): Promise<number> {
  const rows = complaints.map(({ state, ...words }) => ({ ...rowOf(state), ...words }));
  const all = { ...BIRTH, ...STATE };
  const written: unknown[] = await tx.query(
    `insert into complaint (${columns(all)})
     select ${quoted(all)} from jsonb_to_recordset($1::jsonb) as r(${typed(all)}) order by "reference", "id"
     on conflict (agency_id, reference) do nothing returning 1`,
    [JSON.stringify(rows)],
  );
  return written.length;
}

/** Writes what has become of complaints, in one statement. Their words stay as they are. */
export async function saveComplaints(tx: EntityManager, complaints: readonly Complaint[]): Promise<void> {
  if (complaints.length === 0) return;
  const set = Object.keys(STATE).map((name) => `${columnOf(name)} = r."${name}"`);
  await tx.query(
    `update complaint c set ${set.join(', ')}
       from jsonb_to_recordset($1::jsonb) as r("id" uuid, ${typed(STATE)}) where c.id = r."id"`,
    [JSON.stringify(complaints.map(rowOf))],
  );
}

const WORDS = { answer: 'answer', reason: 'reason', publicText: 'public_text' } as const;

/** Writes one of a complaint's texts. */
export const saveWords = (tx: EntityManager, id: string, name: keyof typeof WORDS, words: string | null) =>
  tx.query(`update complaint set ${WORDS[name]} = $2 where id = $1`, [id, words]);

/** Locks the complaint until the transaction ends, so that two moves cannot both be made from one state. */
export async function lockComplaint(tx: EntityManager, id: string): Promise<ComplaintRecord> {
  const [row]: Row[] = await tx.query(`select ${SELECT} from complaint c where c.id = $1 for update of c`, [id]);
  return row ? recordOf(row) : unknownComplaint();
}

/** @throws COMPLAINT_NOT_FOUND on `field` */
export function unknownComplaint(field = 'complaintId'): never {
  throw new DomainError('COMPLAINT_NOT_FOUND', 'There is no such complaint. Check its number.', { field });
}

/** For `load`: a complaint by its id. */
export async function complaintsById(
  { db }: ServiceContext,
  ids: readonly string[],
): Promise<(ComplaintRecord | null)[]> {
  const rows: Row[] = await prepared(db, `select ${SELECT} from complaint c where c.id = any($1)`, [ids]);
  const found = new Map(rows.map((row) => [row.id, recordOf(row)]));
  return ids.map((id) => found.get(id) ?? null);
}

/** The complaint with this public number. */
export async function complaintByNumber(tx: Reader, trackingId: string): Promise<ComplaintRecord | null> {
  const [row]: Row[] = await tx.query(`select ${SELECT} from complaint c where c.tracking_id = $1`, [trackingId]);
  return row ? recordOf(row) : null;
}

/** The complaints that came from an earlier system of an agency with these numbers, by number. */
export async function complaintsByReference(
  tx: Reader,
  agencyId: string,
  references: readonly string[],
): Promise<Map<string, ComplaintRecord>> {
  const rows: Row[] = await tx.query(
    `select ${SELECT} from complaint c where c.agency_id = $1 and c.reference = any($2)`,
    [agencyId, references],
  );
  return new Map(rows.map((row) => [row.reference!, recordOf(row)]));
}

/** Those whose limit has passed and of whom it was not said yet; another process's are passed over. */
export async function takePassed(tx: EntityManager, now: Date, most: number): Promise<Complaint[]> {
  const rows: Row[] = await tx.query(
    `select ${SELECT} from complaint c
      where c.status in ('FORWARDED', 'REOPENED') and not c.deadline_passed and c.due_at < $1
      order by c.due_at limit $2 for update of c skip locked`,
    [now, most],
  );
  return rows.map((row) => recordOf(row).state);
}

/** Open complaints of an agency (null: of all), in the order of their ids, after one. Locked. */
export async function takeOpen(
  tx: EntityManager,
  agencyId: string | null,
  after: string,
  most: number,
): Promise<Complaint[]> {
  const rows: Row[] = await tx.query(
    `select ${SELECT} from complaint c
      where c.status in ('RECEIVED', 'FORWARDED', 'REOPENED') and ($1::uuid is null or c.agency_id = $1) and c.id > $2
      order by c.id limit $3 for update of c`,
    [agencyId, after, most],
  );
  return rows.map((row) => recordOf(row).state);
}
