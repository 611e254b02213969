import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import type { EntityManager } from 'typeorm';
import { type EmployeeToday, employeesById } from '../employee/employee.table.js';
import { cancelAvailability, recordAvailability } from './availability.commands.js';
import type { Availability } from './availability.js';
import { availabilityById, availabilityPages } from './availability.table.js';

type AvailabilityCommand<C> = (
  tx: EntityManager,
  context: ServiceContext,
  command: C,
) => Promise<{ availabilityId: string; employeeId: string }>;

const change =
  <C>(name: string, command: AvailabilityCommand<C>) =>
  (_: unknown, { input }: { input: C & Command }, context: ServiceContext) =>
    once(context, name, input, (tx) => command(tx, context, input));

export const availabilityResolvers = {
  Mutation: {
    recordAvailability: change('recordAvailability', recordAvailability),
    cancelAvailability: change('cancelAvailability', cancelAvailability),
  },
  Employee: {
    availability: async ({ id }: EmployeeToday, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      return connection(await load(context, availabilityPages, { parent: id, page }), page, (days) => [
        days.awayFrom,
        days.id,
      ]);
    },
  },
  AvailabilityPayload: {
    availability: ({ availabilityId }: { availabilityId: string }, _: unknown, context: ServiceContext) =>
      load(context, availabilityById, availabilityId),
    employee: ({ employeeId }: { employeeId: string }, _: unknown, context: ServiceContext) =>
      load(context, employeesById, employeeId),
  },
  Availability: {
    cancelled: ({ cancelledAt }: Availability) => cancelledAt !== null,
  },
};
