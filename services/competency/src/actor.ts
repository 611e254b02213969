/** Who may change what of a person's trainings. */
import { load, type ServiceContext } from '@merit/chassis/api/context';
import type { DomainError } from '@merit/chassis/errors';
import { type About, type Audience, demand, demandOf, judge, judgeRead, type Shown } from '@merit/directory/access';
import type { DataSource, EntityManager } from 'typeorm';
import { areKnown } from './person.table.js';

/** The employee who acts, if it is one. */
export const actingEmployee = ({ viewer }: ServiceContext): string | null =>
  viewer.kind === 'EMPLOYEE' ? viewer.employeeId : null;

/**
 * A request as seen from inside its transaction. The judgement reads through the command's own connection: a second one
 * for each command would starve the pool when ten thousand wait.
 */
export const within = (context: ServiceContext, tx: EntityManager): ServiceContext => ({
  ...context,
  db: tx as unknown as DataSource, // only `query` is used of it, and both have that
});

/** Whom a command is about: the person and, for as long as nothing is known of them here, the agency whose course it is. */
export interface Concerned {
  readonly employeeId: string;
  readonly agencyId: string;
}

/**
 * Whether the viewer is one of the audiences with regard to the person. HR is that of the agency which employs them; a
 * person who is not known here yet is answered for by HR of the agency whose course it is, for a training may arrive
 * before its person.
 * @param shown what is shown where the answer is yes; nothing for a command
 */
export async function judgeFor(
  context: ServiceContext,
  to: readonly Audience[],
  { employeeId, agencyId }: Concerned,
  shown?: Shown,
): Promise<boolean> {
  const ask = (audiences: readonly Audience[], about: About) =>
    shown ? judgeRead(context, audiences, about, shown) : judge(context, audiences, about);
  if (await ask(to, { employee: employeeId })) return true;
  if (!to.includes('HR') || (await load(context, areKnown, employeeId))) return false;
  return ask(['HR'], { agency: agencyId });
}

/**
 * The same for a command on an enrolment: who may not know of it gets `unknown`, the answer to an id that nothing has.
 * @throws what `unknown` makes, FORBIDDEN, DIRECTORY_STALE
 */
export async function demandOfEnrolment(
  context: ServiceContext,
  to: readonly Audience[],
  concerned: Concerned,
  unknown: () => DomainError,
): Promise<void> {
  if (await judgeFor(context, to, concerned)) return;
  await demandOf(context, to, { employee: concerned.employeeId }, { seenBy: SEES_ENROLMENTS, unknown });
}

/** Who may know of a person's enrolments, as `Employee.enrolments` says. */
export const SEES_ENROLMENTS: readonly Audience[] = ['SELF', 'SUPERVISOR', 'HR', 'AUDITOR'];

/**
 * The same for a command, which goes on or ends here.
 * @throws FORBIDDEN, DIRECTORY_STALE
 */
export async function demandFor(context: ServiceContext, to: readonly Audience[], concerned: Concerned): Promise<void> {
  if (await judgeFor(context, to, concerned)) return;
  await demand(context, to, { employee: concerned.employeeId });
}
