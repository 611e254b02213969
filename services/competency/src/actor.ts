/** Who may change what of a person's trainings. */
import type { ServiceContext } from '@merit/chassis/api/context';
import type { About, Audience } from '@merit/directory/access';
import type { DataSource, EntityManager } from 'typeorm';

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

interface Concerned {
  readonly employeeId: string;
  /** Whose course it is. */
  readonly agencyId: string;
}

/**
 * Whom a training is about: the person and, for as long as nothing is known of them here, the agency whose course it is,
 * for a training may arrive before its person.
 */
export const about = ({ employeeId, agencyId }: Concerned): About => ({ employee: employeeId, agency: agencyId });

/** Who may know of a person's enrolments, as `Employee.enrolments` says. */
export const SEES_ENROLMENTS: readonly Audience[] = ['SELF', 'SUPERVISOR', 'HR', 'AUDITOR'];
