import type { ServiceContext } from '@merit/chassis/api/context';
import { type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { type EntityManager, EntitySchema, In } from 'typeorm';
import type { Enrolment, Place } from './enrolment.js';
import type { Result } from './result.js';

/** Every column of every status: what a union looks like lying down. */
type Nullable<T> = { [K in keyof T]: T[K] | null };
export type EnrolmentRow = Place & { status: Enrolment['status'] } & Nullable<Result> &
  Nullable<{ eventId: string; reason: string }>;

export const EnrolmentTable = new EntitySchema<EnrolmentRow>({
  name: 'enrolment',
  columns: {
    id: { type: 'uuid', primary: true },
    employeeId: { type: 'uuid', name: 'employee_id' },
    courseId: { type: 'uuid', name: 'course_id' },
    sessionId: { type: 'uuid', name: 'session_id', nullable: true },
    status: { type: 'text' },
    version: { type: 'int' },
    enrolledAt: { type: 'timestamptz', name: 'enrolled_at' },
    hours: { type: 'int', nullable: true },
    certificateNumber: { type: 'text', name: 'certificate_number', nullable: true },
    completedAt: { type: 'timestamptz', name: 'completed_at', nullable: true },
    startsOn: { type: 'date', name: 'starts_on', nullable: true },
    endsOn: { type: 'date', name: 'ends_on', nullable: true },
    verified: { type: 'boolean', nullable: true },
    eventId: { type: 'uuid', name: 'event_id', nullable: true },
    reason: { type: 'text', nullable: true },
  },
});

/** Locks the enrolment until the transaction ends, so that two results cannot both win. */
export async function lockEnrolment(tx: EntityManager, id: string): Promise<Enrolment> {
  const row = await tx.findOne(EnrolmentTable, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!row) throw enrolmentNotFound();
  return row as Enrolment; // the table's check constraint makes each row one of the union
}

export const enrolmentNotFound = () =>
  new DomainError('ENROLMENT_NOT_FOUND', 'There is no such enrolment.', { field: 'enrolmentId' });

/** One statement, however many there are. Ids, person, course and session of an enrolment never change. */
export async function saveEnrolments(tx: EntityManager, enrolments: readonly Enrolment[]): Promise<void> {
  await tx.query(
    `insert into enrolment (id, employee_id, course_id, session_id, status, version, enrolled_at, hours, certificate_number,
                            completed_at, starts_on, ends_on, verified, event_id, reason)
     select id, "employeeId", "courseId", "sessionId", status, version, "enrolledAt", hours, "certificateNumber",
            "completedAt", "startsOn", "endsOn", verified, "eventId", reason
       from jsonb_to_recordset($1::jsonb) as r (id uuid, "employeeId" uuid, "courseId" uuid, "sessionId" uuid, status text,
              version int, "enrolledAt" timestamptz, hours int, "certificateNumber" text, "completedAt" timestamptz,
              "startsOn" date, "endsOn" date, verified boolean, "eventId" uuid, reason text)
     on conflict (id) do update
       set status = excluded.status, version = excluded.version, hours = excluded.hours,
           certificate_number = excluded.certificate_number, completed_at = excluded.completed_at,
           starts_on = excluded.starts_on, ends_on = excluded.ends_on, verified = excluded.verified,
           event_id = excluded.event_id, reason = excluded.reason`,
    [JSON.stringify(enrolments)],
  );
}

/** Whether the person has a place in the session that was not given back. */
export async function hasPlace(tx: EntityManager, sessionId: string, employeeId: string): Promise<boolean> {
  const status = In(['ENROLLED', 'COMPLETED'] as const);
  return tx.existsBy(EnrolmentTable, { sessionId, employeeId, status });
}

/** Id → enrolment, or null. */
export const enrolmentsById = rowsById(EnrolmentTable);

/** A page of each person's enrolments, the newest first. */
export const enrolmentPages = ({ db }: ServiceContext, keys: readonly PageKey[]): Promise<EnrolmentRow[][]> =>
  pagesOf<EnrolmentRow>(db, keys, {
    columns: `e.id, e.employee_id as "employeeId", e.course_id as "courseId", e.session_id as "sessionId", e.status, e.version,
      e.enrolled_at as "enrolledAt", e.hours, e.certificate_number as "certificateNumber", e.completed_at as "completedAt",
      e.starts_on as "startsOn", e.ends_on as "endsOn", e.verified, e.event_id as "eventId", e.reason`,
    from: 'enrolment e where e.employee_id = parent.id',
    keys: [{ sql: 'e.id', type: 'uuid' }],
    descending: true,
  });

/** What an enrolment stands in, none of which ever changes but what is known of its person. */
export interface Frame {
  readonly employeeId: string;
  readonly courseId: string;
  readonly sessionId: string | null;
  /** Whose course it is. */
  readonly agencyId: string;
  readonly provider: string;
  /** The most hours that a certificate may carry. */
  readonly maxHours: number;
}

/** @throws ENROLMENT_NOT_FOUND */
export async function frameOf(tx: EntityManager, id: string): Promise<Frame> {
  const [row]: Frame[] = await tx.query(
    `select e.employee_id as "employeeId", e.course_id as "courseId", e.session_id as "sessionId",
            c.agency_id as "agencyId", c.provider, coalesce(s.max_hours, c.hours) as "maxHours"
       from enrolment e join course c on c.id = e.course_id left join session s on s.id = e.session_id
      where e.id = $1`,
    [id],
  );
  if (!row) throw enrolmentNotFound();
  return row;
}
