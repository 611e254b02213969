import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { isId, requireId } from '@merit/chassis/errors';
import { type RegisterAgency, registerAgency } from './agency.commands.js';
import { agenciesById, agencyPage } from './agency.table.js';

export const agencyResolvers = {
  Query: {
    agency: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      load(context, agenciesById, requireId(id, 'id')),
    agencies: async (_: unknown, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      return connection(await agencyPage(context, page), page, ({ name, id }) => [name, id]);
    },
  },
  Mutation: {
    registerAgency: async (_: unknown, { input }: { input: RegisterAgency & Command }, context: ServiceContext) => {
      const run = once(context, 'registerAgency', input, (tx) => registerAgency(tx, context, input));
      return { agency: await load(context, agenciesById, (await run).agencyId) };
    },
  },
  Agency: {
    __resolveReference: ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) ? load(context, agenciesById, id) : null,
  },
};
