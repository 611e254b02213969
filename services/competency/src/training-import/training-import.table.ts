import { isId } from '@merit/chassis/errors';
import { groupBy } from '@merit/chassis/group-by';
import type { LocalDate } from '@merit/chassis/local-date';
import type { EntityManager } from 'typeorm';
import { coursesByCode } from '../course/course.table.js';
import { certificateKey, plain } from '../enrolment/certificate.js';
import type { Completed, Enrolment } from '../enrolment/enrolment.js';
import { lockSessionsByCode } from '../session/session.table.js';
import { type Known, placeKey, revokedKey, type TrainingRow } from './training-import.js';

const ENROLMENT = `e.id, e.employee_id as "employeeId", e.course_id as "courseId", e.session_id as "sessionId", e.status,
  e.version, e.enrolled_at as "enrolledAt", e.hours, e.certificate_number as "certificateNumber",
  e.completed_at as "completedAt", e.starts_on as "startsOn", e.ends_on as "endsOn", e.verified, e.event_id as "eventId",
  e.reason`;

/** What there is of all that the rows name: six statements, however many rows. */
export async function knownTo(tx: EntityManager, agencyId: string, rows: readonly TrainingRow[]): Promise<Known> {
  const employees = [...new Set(rows.map(({ employeeId }) => employeeId.toLowerCase()).filter(isId))];
  const courses = await coursesByCode(
    tx,
    agencyId,
    rows.map(({ courseCode }) => courseCode.trim()),
  );
  const courseIds = [...courses.values()].map(({ id }) => id);
  const codes = [...new Set(rows.flatMap(({ sessionCode }) => sessionCode?.trim() || []))];
  const sessions = await lockSessionsByCode(tx, courseIds, codes);
  const bySession = new Map(sessions.map((session) => [`${session.courseId} ${session.code}`, session]));
  return {
    courseOf: (code) => courses.get(code) ?? null,
    sessionOf: (courseId, code) => bySession.get(`${courseId} ${code}`) ?? null,
    isElsewhere: await employedElsewhere(tx, agencyId, employees),
    places: await lockPlaces(
      tx,
      sessions.map(({ id }) => id),
      employees,
    ),
    certified: await certifiedBy(
      tx,
      agencyId,
      rows.map(({ certificateNumber }) => plain(certificateNumber)),
    ),
    revoked: await revokedOf(tx, courseIds, employees),
  };
}

/** By the employment that had begun last; before the first, the first counts. Who is not known here is nowhere. */
async function employedElsewhere(
  tx: EntityManager,
  agencyId: string,
  employees: readonly string[],
): Promise<Known['isElsewhere']> {
  const rows: { employeeId: string; agencyId: string; from: LocalDate }[] = await tx.query(
    `select employee_id as "employeeId", agency_id as "agencyId", valid_from as "from"
       from directory_employment where employee_id = any($1) order by valid_from desc`,
    [employees],
  );
  const employments = groupBy(rows, ({ employeeId }) => employeeId);
  return (employeeId, on) => {
    const its = employments.get(employeeId) ?? [];
    const then = its.find(({ from }) => from <= on) ?? its.at(-1);
    return then !== undefined && then.agencyId !== agencyId;
  };
}

/** Places in these sessions that were not given back, held until the transaction ends; by id, as every lock of several. */
async function lockPlaces(
  tx: EntityManager,
  sessionIds: readonly string[],
  employees: readonly string[],
): Promise<Known['places']> {
  const rows: (Enrolment & { sessionId: string })[] = await tx.query(
    `select ${ENROLMENT} from enrolment e
      where session_id = any($1) and employee_id = any($2) and status in ('ENROLLED', 'COMPLETED') order by id for update`,
    [sessionIds, employees],
  );
  return new Map(rows.map((row) => [placeKey(row.sessionId, row.employeeId), row]));
}

async function certifiedBy(
  tx: EntityManager,
  agencyId: string,
  numbers: readonly string[],
): Promise<Known['certified']> {
  const rows: (Completed & { provider: string; number: string })[] = await tx.query(
    `select ${ENROLMENT}, c.provider, c.number from certificate c join enrolment e on e.id = c.enrolment_id
      where c.agency_id = $1 and c.number = any($2)`,
    [agencyId, numbers],
  );
  return new Map(rows.map(({ provider, number, ...row }) => [certificateKey(provider, number), row]));
}

async function revokedOf(
  tx: EntityManager,
  courseIds: readonly string[],
  employees: readonly string[],
): Promise<Known['revoked']> {
  const rows: { employeeId: string; courseId: string; number: string }[] = await tx.query(
    `select employee_id as "employeeId", course_id as "courseId", certificate_number as number from enrolment
      where status = 'REVOKED' and employee_id = any($1) and course_id = any($2)`,
    [employees, courseIds],
  );
  return new Set(rows.map(({ employeeId, courseId, number }) => revokedKey(employeeId, courseId, number)));
}
