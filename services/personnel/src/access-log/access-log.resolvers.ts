import { load, type ServiceContext } from '@merit/chassis/api/context';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { agenciesById } from '../agency/agency.table.js';
import type { EmployeeToday } from '../employee/employee.table.js';
import { unitsById } from '../unit/unit.table.js';
import { type AccessEntry, accessPage } from './access-log.table.js';

export const accessLogResolvers = {
  Employee: {
    accessLog: async ({ id }: EmployeeToday, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      return connection(await accessPage(context, id, page), page, ({ accessedAt, id }) => [accessedAt, id]);
    },
  },
  AccessEntry: {
    unit: ({ unitId }: AccessEntry, _: unknown, context: ServiceContext) =>
      unitId === null ? null : load(context, unitsById, unitId),
    agency: ({ agencyId }: AccessEntry, _: unknown, context: ServiceContext) =>
      agencyId === null ? null : load(context, agenciesById, agencyId),
  },
};
