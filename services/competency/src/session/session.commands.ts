/** HR of the agency whose course it is. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireId } from '@merit/chassis/errors';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { within } from '../actor.js';
import { requireCourse } from '../course/course.table.js';
import { planSession, type SessionInput } from './session.js';
import { addSession } from './session.table.js';

export interface ScheduleSession extends SessionInput {
  readonly courseId: string;
}

/** @throws COURSE_NOT_FOUND, FORBIDDEN, SESSION_CODE_USED, and as `planSession` */
export async function scheduleSession(tx: EntityManager, context: ServiceContext, command: ScheduleSession) {
  const course = await requireCourse(tx, requireId(command.courseId, 'courseId'));
  await demand(within(context, tx), ['HR'], { agency: course.agencyId });
  const session = planSession(command, course.hours, { id: context.newId(), courseId: course.id });
  if (await addSession(tx, session)) return { sessionId: session.id };
  throw new DomainError('SESSION_CODE_USED', 'The course has another session with this code. Choose another code.', {
    field: 'code',
  });
}
