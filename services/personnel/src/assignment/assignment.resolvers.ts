import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import type { LocalDate } from '@merit/chassis/local-date';
import { personAt } from '@merit/directory/directory';
import type { EntityManager } from 'typeorm';
import { type EmployeeToday, employeesById } from '../employee/employee.table.js';
import { positionsById } from '../position/position.table.js';
import { unitsById } from '../unit/unit.table.js';
import { annulAssignment, assignPosition, endAssignment } from './assignment.commands.js';
import type { Assignment } from './assignment.js';
import { assignmentPages, assignmentsById } from './assignment.table.js';

type AssignmentCommand<C> = (
  tx: EntityManager,
  context: ServiceContext,
  command: C,
) => Promise<{ assignmentId: string; employeeId: string }>;

const change =
  <C>(name: string, command: AssignmentCommand<C>) =>
  (_: unknown, { input }: { input: C & Command }, context: ServiceContext) =>
    once(context, name, input, (tx) => command(tx, context, input));

/** Where people work on a day, by the directory's rule: this service's answer is that of every other. */
async function placesOn({ db }: ServiceContext, keys: readonly { employeeId: string; date: LocalDate }[]) {
  const byDate = new Map<LocalDate, Awaited<ReturnType<typeof personAt>>>();
  for (const date of new Set(keys.map((key) => key.date))) {
    const ids = keys.filter((key) => key.date === date).map(({ employeeId }) => employeeId);
    byDate.set(date, await personAt(db, ids, date));
  }
  return keys.map(({ employeeId, date }) => byDate.get(date)?.get(employeeId) ?? null);
}

type At = { readonly at?: LocalDate | null };

export const assignmentResolvers = {
  Mutation: {
    assignPosition: change('assignPosition', assignPosition),
    endAssignment: change('endAssignment', endAssignment),
    annulAssignment: change('annulAssignment', annulAssignment),
  },
  Employee: {
    position: async ({ id, today }: EmployeeToday, { at }: At, context: ServiceContext) => {
      const place = await load(context, placesOn, { employeeId: id, date: at ?? today });
      return place?.positionId ? load(context, positionsById, place.positionId) : null;
    },
    unit: async ({ id, today }: EmployeeToday, { at }: At, context: ServiceContext) => {
      const place = await load(context, placesOn, { employeeId: id, date: at ?? today });
      return place?.unitId ? load(context, unitsById, place.unitId) : null;
    },
    positionAssignments: async ({ id }: EmployeeToday, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      return connection(await load(context, assignmentPages, { parent: id, page }), page, (held) => [
        held.validFrom,
        held.id,
      ]);
    },
  },
  // Read only when asked for: a read that nobody awaits would fail unheard.
  AssignmentPayload: {
    assignment: ({ assignmentId }: { assignmentId: string }, _: unknown, context: ServiceContext) =>
      load(context, assignmentsById, assignmentId),
    employee: ({ employeeId }: { employeeId: string }, _: unknown, context: ServiceContext) =>
      load(context, employeesById, employeeId),
  },
  PositionAssignment: {
    position: ({ positionId }: Assignment, _: unknown, context: ServiceContext) =>
      load(context, positionsById, positionId),
  },
};
