import type { ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { type ImportEmployees, importEmployees } from './employee-import.commands.js';

export const employeeImportResolvers = {
  Mutation: {
    importEmployees: (_: unknown, { input }: { input: ImportEmployees & Command }, context: ServiceContext) =>
      once(context, 'importEmployees', input, (tx) => importEmployees(tx, context, input)),
  },
};
