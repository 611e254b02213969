import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import type { EntityManager } from 'typeorm';
import { type EmployeeToday, employeesById } from '../employee/employee.table.js';
import { assignService, endService } from './service-assignment.commands.js';
import { servedById, servedPages } from './service-assignment.table.js';

type ServiceCommand<C> = (
  tx: EntityManager,
  context: ServiceContext,
  command: C,
) => Promise<{ serviceAssignmentId: string; employeeId: string }>;

const change =
  <C>(name: string, command: ServiceCommand<C>) =>
  (_: unknown, { input }: { input: C & Command }, context: ServiceContext) =>
    once(context, name, input, (tx) => command(tx, context, input));

export const serviceAssignmentResolvers = {
  Mutation: {
    assignService: change('assignService', assignService),
    endService: change('endService', endService),
  },
  Employee: {
    serviceAssignments: async ({ id }: EmployeeToday, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      return connection(await load(context, servedPages, { parent: id, page }), page, (served) => [
        served.validFrom,
        served.id,
      ]);
    },
  },
  ServiceAssignmentPayload: {
    serviceAssignment: (
      { serviceAssignmentId }: { serviceAssignmentId: string },
      _: unknown,
      context: ServiceContext,
    ) => load(context, servedById, serviceAssignmentId),
    employee: ({ employeeId }: { employeeId: string }, _: unknown, context: ServiceContext) =>
      load(context, employeesById, employeeId),
  },
};
