import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { requireId } from '@merit/chassis/errors';
import { coursesById } from '../course/course.table.js';
import { type ScheduleSession, scheduleSession } from './session.commands.js';
import { type Session, timeOf } from './session.js';
import { sessionPages, sessionsById } from './session.table.js';

/** The sessions of a course. */
export async function sessionList(context: ServiceContext, courseId: string, args: PageArguments) {
  const page = parsePage(args, { keys: 2 });
  const rows = await load(context, sessionPages, { parent: courseId, page });
  return connection(rows, page, ({ startsOn, id }) => [startsOn, id]);
}

export const sessionResolvers = {
  Query: {
    session: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      load(context, sessionsById, requireId(id, 'id')),
  },
  Mutation: {
    scheduleSession: async (_: unknown, { input }: { input: ScheduleSession & Command }, context: ServiceContext) => {
      const { sessionId } = await once(context, 'scheduleSession', input, (tx) => scheduleSession(tx, context, input));
      return { session: await load(context, sessionsById, sessionId) };
    },
  },
  Session: {
    course: ({ courseId }: Session, _: unknown, context: ServiceContext) => load(context, coursesById, courseId),
    meetsFrom: ({ meets }: Session) => (meets ? timeOf(meets.from) : null),
    meetsTo: ({ meets }: Session) => (meets ? timeOf(meets.to) : null),
  },
};
