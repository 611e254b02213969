import type { ServiceContext } from '@merit/chassis/api/context';
import { type Page, seek } from '@merit/chassis/api/page';
import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import { type DataSource, type EntityManager, EntitySchema, In } from 'typeorm';
import type { Catalogue, Competency, Course } from './course.js';

type CourseRow = Omit<Course, 'competency'> & { competencyCode: string | null; technicalCompetency: string | null };

export const CourseTable = new EntitySchema<CourseRow>({
  name: 'course',
  columns: {
    id: { type: 'uuid', primary: true },
    agencyId: { type: 'uuid', name: 'agency_id' },
    code: { type: 'text' },
    title: { type: 'text' },
    form: { type: 'text' },
    method: { type: 'text', nullable: true },
    hours: { type: 'int' },
    competencyCode: { type: 'text', name: 'competency_code', nullable: true },
    technicalCompetency: { type: 'text', name: 'technical_competency', nullable: true },
    provider: { type: 'text' },
  },
});

function toRow({ competency, ...course }: Course): CourseRow {
  const common = competency.kind === 'COMMON';
  return {
    ...course,
    competencyCode: common ? competency.code : null,
    technicalCompetency: common ? null : competency.name,
  };
}

/** The table's check makes one of the two there. */
function toCourse({ competencyCode, technicalCompetency, ...course }: CourseRow): Course {
  const competency: Competency =
    competencyCode === null
      ? { kind: 'TECHNICAL', name: technicalCompetency! }
      : { kind: 'COMMON', code: competencyCode };
  return { ...course, competency };
}

/** Id → course, or null. */
export async function coursesById(context: ServiceContext, ids: readonly string[]): Promise<(Course | null)[]> {
  return (await courseRows(context, ids)).map((row) => row && toCourse(row));
}
const courseRows = rowsById(CourseTable);

/** @throws COURSE_NOT_FOUND */
export async function requireCourse(tx: EntityManager, id: string): Promise<Course> {
  const row = await tx.findOneBy(CourseTable, { id });
  if (row) return toCourse(row);
  throw new DomainError('COURSE_NOT_FOUND', 'There is no such course.', { field: 'courseId' });
}

/** The courses of an agency's catalogue by their codes. */
export async function coursesByCode(
  tx: EntityManager,
  agencyId: string,
  codes: readonly string[],
): Promise<Map<string, Course>> {
  const rows = await tx.findBy(CourseTable, { agencyId, code: In([...new Set(codes)]) });
  return new Map(rows.map((row) => [row.code, toCourse(row)]));
}

/** Adds courses in one statement, and answers the ids of those whose code was free. */
export async function addCourses(tx: EntityManager, courses: readonly Course[]): Promise<Set<string>> {
  const added: { id: string }[] = await tx.query(
    `insert into course (id, agency_id, code, title, form, method, hours, competency_code, technical_competency, provider)
     select id, "agencyId", code, title, form, method, hours, "competencyCode", "technicalCompetency", provider
       from jsonb_to_recordset($1::jsonb) as r (id uuid, "agencyId" uuid, code text, title text, form text, method text,
              hours int, "competencyCode" text, "technicalCompetency" text, provider text)
      order by code
     on conflict (agency_id, code) do nothing
     returning id`,
    [JSON.stringify(courses.map(toRow))],
  );
  return new Set(added.map(({ id }) => id));
}

/** The forms and competencies that there are. */
export async function catalogueOf(tx: EntityManager): Promise<Catalogue> {
  const [row]: { forms: string[]; competencies: string[] }[] = await tx.query(
    `select array(select code from training_form) as forms, array(select code from competency) as competencies`,
  );
  return { forms: new Set(row!.forms), competencies: new Set(row!.competencies) };
}

export interface CourseFilter {
  /** A part of title or code, in whatever case. */
  readonly search: string | null;
  readonly form: string | null;
  readonly agencyId: string | null;
}

/** A page of the courses that fit, by title. */
export async function findCourses(db: DataSource, filter: CourseFilter, page: Page): Promise<Course[]> {
  const { where, orderBy, limit, parameters } = seek(
    page,
    [
      { sql: 'course.title', type: 'text' },
      { sql: 'course.id', type: 'uuid' },
    ],
    { firstParameter: 4 },
  );
  const rows: CourseRow[] = await db.query(
    `select id, agency_id as "agencyId", code, title, form, method, hours, competency_code as "competencyCode",
            technical_competency as "technicalCompetency", provider
       from course
      where ($1::text is null or strpos(lower(title || ' ' || code), lower($1)) > 0)
        and ($2::text is null or form = $2) and ($3::uuid is null or agency_id = $3) and ${where}
      order by ${orderBy} limit ${limit}`,
    [filter.search, filter.form, filter.agencyId, ...parameters],
  );
  return rows.map(toCourse);
}

export interface TrainingForm {
  readonly code: string;
  readonly name: string;
  readonly mode: 'KLASIKAL' | 'NONKLASIKAL';
}
export interface CommonCompetency {
  readonly code: string;
  readonly name: string;
  readonly area: 'MANAGERIAL' | 'SOCIO_CULTURAL';
}

export const allForms = ({ db }: ServiceContext): Promise<TrainingForm[]> =>
  prepared(db, 'select code, name, mode from training_form order by mode, name');

/** Code → form. */
export async function formsByCode(context: ServiceContext, codes: readonly string[]): Promise<TrainingForm[]> {
  const byCode = new Map((await allForms(context)).map((form) => [form.code, form]));
  return codes.map((code) => byCode.get(code)!);
}

/** Code → competency of every position. */
export async function competenciesByCode(
  { db }: ServiceContext,
  codes: readonly string[],
): Promise<CommonCompetency[]> {
  const rows: CommonCompetency[] = await prepared(db, 'select code, name, area from competency where code = any($1)', [
    codes,
  ]);
  const byCode = new Map(rows.map((row) => [row.code, row]));
  return codes.map((code) => byCode.get(code)!);
}
