import type { ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { type ImportUnits, importUnits } from './unit-import.commands.js';

export const unitImportResolvers = {
  Mutation: {
    importUnits: (_: unknown, { input }: { input: ImportUnits & Command }, context: ServiceContext) =>
      once(context, 'importUnits', input, (tx) => importUnits(tx, context, input)),
  },
};
