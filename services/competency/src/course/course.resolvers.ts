import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { requireId } from '@merit/chassis/errors';
import { sessionList } from '../session/session.resolvers.js';
import { type CreateCourse, createCourse, type ImportCourses, importCourses } from './course.commands.js';
import type { Course } from './course.js';
import { allForms, competenciesByCode, coursesById, findCourses, formsByCode } from './course.table.js';

interface Filter {
  readonly search?: string | null;
  readonly form?: string | null;
  readonly agencyId?: string | null;
}

export const courseResolvers = {
  Query: {
    course: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      load(context, coursesById, requireId(id, 'id')),
    courses: async (_: unknown, args: Filter & PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      const agencyId = args.agencyId == null ? null : requireId(args.agencyId, 'agencyId');
      const filter = { search: searchOf(args.search), form: args.form ?? null, agencyId };
      return connection(await findCourses(context.db, filter, page), page, ({ title, id }) => [title, id]);
    },
    trainingForms: (_: unknown, _args: unknown, context: ServiceContext) => allForms(context),
  },
  Mutation: {
    createCourse: async (_: unknown, { input }: { input: CreateCourse & Command }, context: ServiceContext) => {
      const { courseId } = await once(context, 'createCourse', input, (tx) => createCourse(tx, context, input));
      return { course: await load(context, coursesById, courseId) };
    },
    importCourses: (_: unknown, { input }: { input: ImportCourses & Command }, context: ServiceContext) =>
      once(context, 'importCourses', input, (tx) => importCourses(tx, context, input)),
  },
  Course: {
    form: ({ form }: Course, _: unknown, context: ServiceContext) => load(context, formsByCode, form),
    competency: async ({ competency }: Course, _: unknown, context: ServiceContext) =>
      competency.kind === 'COMMON'
        ? load(context, competenciesByCode, competency.code)
        : { code: null, name: competency.name, area: 'TECHNICAL' },
    sessions: ({ id }: Course, args: PageArguments, context: ServiceContext) => sessionList(context, id, args),
  },
};

/** What no title or code can hold finds nothing; a null byte could not even be asked for. */
const searchOf = (search: string | null | undefined): string | null =>
  search?.replaceAll('\0', '').slice(0, 300) || null;
