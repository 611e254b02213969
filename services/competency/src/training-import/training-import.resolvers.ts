import type { ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { type ImportTrainingRecords, importTrainingRecords } from './training-import.commands.js';

export const trainingImportResolvers = {
  Mutation: {
    importTrainingRecords: (
      _: unknown,
      { input }: { input: ImportTrainingRecords & Command },
      context: ServiceContext,
    ) => once(context, 'importTrainingRecords', input, (tx) => importTrainingRecords(tx, context, input)),
  },
};
