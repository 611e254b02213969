/** HR of the agency whose catalogue it is. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireId } from '@merit/chassis/errors';
import { type ImportAnswer, judgeRows, requireRows } from '@merit/chassis/import';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { within } from '../actor.js';
import { type Course, type CourseInput, describeCourse, sameCourse } from './course.js';
import { addCourses, catalogueOf, coursesByCode } from './course.table.js';

export interface CreateCourse extends CourseInput {
  readonly agencyId: string;
}
export interface ImportCourses {
  readonly agencyId: string;
  readonly rows: readonly CourseInput[];
  readonly validateOnly?: boolean | null | undefined;
}

/** @throws FORBIDDEN, COURSE_CODE_USED, and as `describeCourse` */
export async function createCourse(tx: EntityManager, context: ServiceContext, command: CreateCourse) {
  const agencyId = await demandOffice(tx, context, command.agencyId);
  const course = describeCourse(command, { id: context.newId(), agencyId }, await catalogueOf(tx));
  if (!(await addCourses(tx, [course])).has(course.id)) throw codeUsed();
  return { courseId: course.id };
}

/**
 * Adds courses that are new; those that are there with the same content stay.
 * @throws FORBIDDEN, TOO_MANY_ROWS; CONFLICT when someone else added one of them meanwhile
 */
export async function importCourses(
  tx: EntityManager,
  context: ServiceContext,
  command: ImportCourses,
): Promise<ImportAnswer> {
  const rows = requireRows(command.rows);
  const agencyId = await demandOffice(tx, context, command.agencyId);
  const catalogue = await catalogueOf(tx);
  const known = await coursesByCode(
    tx,
    agencyId,
    rows.map(({ code }) => code.trim()),
  );
  const { fresh, unchanged, problems } = judgeRows(rows, (row) => {
    const course = describeCourse(row, { id: context.newId(), agencyId }, catalogue);
    return newCourse(course, known);
  });
  if (problems.length > 0) return { imported: 0, unchanged, problems };
  if (!command.validateOnly && (await addCourses(tx, fresh)).size < fresh.length) {
    throw new DomainError('CONFLICT', 'Someone else added one of these courses just now. Import again.', {
      field: 'rows',
    });
  }
  return { imported: fresh.length, unchanged, problems };
}

/** The course, noted in `known`; null when it is there with the same content. */
function newCourse(course: Course, known: Map<string, Course>): Course | null {
  const there = known.get(course.code);
  if (there && !sameCourse(there, course)) throw codeUsed();
  known.set(course.code, course);
  return there ? null : course;
}

async function demandOffice(tx: EntityManager, context: ServiceContext, agency: string): Promise<string> {
  const agencyId = requireId(agency, 'agencyId');
  await demand(within(context, tx), ['HR'], { agency: agencyId });
  return agencyId;
}

const codeUsed = () =>
  new DomainError('COURSE_CODE_USED', 'The catalogue has another course with this code. Choose another code.', {
    field: 'code',
  });
