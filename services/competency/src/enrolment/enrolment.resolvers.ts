import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { requireId } from '@merit/chassis/errors';
import { judgeRead } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { about, SEES_ENROLMENTS } from '../actor.js';
import { coursesById } from '../course/course.table.js';
import { sessionsById } from '../session/session.table.js';
import { changesOf } from './change.table.js';
import { enrol, withdrawEnrolment } from './enrolment.commands.js';
import { type EnrolmentRow, enrolmentPages, enrolmentsById } from './enrolment.table.js';
import { completeTraining, correctTraining, revokeTraining } from './result.commands.js';

type Run<C> = (tx: EntityManager, context: ServiceContext, command: C) => Promise<{ enrolmentId: string }>;

const change =
  <C>(name: string, run: Run<C>) =>
  async (_: unknown, { input }: { input: C & Command }, context: ServiceContext) => {
    const { enrolmentId } = await once(context, name, input, (tx) => run(tx, context, input));
    const enrolment = (await load(context, enrolmentsById, enrolmentId))!;
    return { enrolment, ...(await concernedBy(context, enrolment)) };
  };

/** An enrolment that the viewer may know of, else null. */
async function visible(context: ServiceContext, id: string): Promise<EnrolmentRow | null> {
  const enrolment = await load(context, enrolmentsById, id);
  if (!enrolment) return null;
  const shown = { type: 'Employee', field: 'enrolments', employee: enrolment.employeeId };
  const concerned = about(await concernedBy(context, enrolment));
  return (await judgeRead(context, SEES_ENROLMENTS, concerned, shown)) ? enrolment : null;
}

/** By whom and what it is judged who may see an enrolment. */
async function concernedBy(context: ServiceContext, { employeeId, courseId }: EnrolmentRow) {
  const { agencyId } = (await load(context, coursesById, courseId))!;
  return { employeeId, agencyId };
}

export const enrolmentResolvers = {
  Query: {
    enrolment: (_: unknown, { id }: { id: string }, context: ServiceContext) => visible(context, requireId(id, 'id')),
  },
  Mutation: {
    enrol: change('enrol', enrol),
    withdrawEnrolment: change('withdrawEnrolment', withdrawEnrolment),
    completeTraining: change('completeTraining', completeTraining),
    correctTraining: change('correctTraining', correctTraining),
    revokeTraining: change('revokeTraining', revokeTraining),
  },
  Employee: {
    enrolments: async ({ id }: { id: string }, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 1 });
      const rows = await load(context, enrolmentPages, { parent: id, page });
      return connection(rows, page, (row) => [row.id]);
    },
  },
  Enrolment: {
    employee: ({ employeeId }: EnrolmentRow) => ({ id: employeeId }),
    course: ({ courseId }: EnrolmentRow, _: unknown, context: ServiceContext) => load(context, coursesById, courseId),
    session: ({ sessionId }: EnrolmentRow, _: unknown, context: ServiceContext) =>
      sessionId === null ? null : load(context, sessionsById, sessionId),
    changes: ({ id }: EnrolmentRow, _: unknown, context: ServiceContext) => load(context, changesOf, id),
  },
};
