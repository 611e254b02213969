import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { requireId } from '@merit/chassis/errors';
import { noteRead } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { agenciesById } from '../agency/agency.table.js';
import { endAgreement, signAgreement } from './agreement.commands.js';
import { type AgreementRow, agreementPage, agreementsById, namedEmployees, namedUnits } from './agreement.table.js';
import { sharedPage } from './shared.table.js';

type AgreementCommand<C> = (tx: EntityManager, context: ServiceContext, command: C) => Promise<{ agreementId: string }>;

const change =
  <C>(name: string, command: AgreementCommand<C>) =>
  async (_: unknown, { input }: { input: C & Command }, context: ServiceContext) => {
    const { agreementId } = await once(context, name, input, (tx) => command(tx, context, input));
    const agreement = (await load(context, agreementsById, agreementId))!;
    return { agreement, agencyId: agreement.agencyId };
  };

const ofAgency = (args: { agencyId: string }) => requireId(args.agencyId, 'agencyId');

export const agreementResolvers = {
  Query: {
    agreements: async (_: unknown, args: { agencyId: string } & PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      const rows = await agreementPage(context, ofAgency(args), page);
      return connection(rows, page, ({ validFrom, id }) => [validFrom, id]);
    },
    sharedEmployees: async (_: unknown, args: { agencyId: string } & PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      const found = connection(await sharedPage(context, ofAgency(args), page), page, ({ name, id }) => [name, id]);
      // The cursors alone name them.
      for (const { id } of found.nodes) {
        noteRead(context, { type: 'Employee', field: 'name', role: 'PARTNER', employee: id });
      }
      return found;
    },
  },
  Mutation: {
    signAgreement: change('signAgreement', signAgreement),
    endAgreement: change('endAgreement', endAgreement),
  },
  Agreement: {
    agency: ({ agencyId }: AgreementRow, _: unknown, context: ServiceContext) => load(context, agenciesById, agencyId),
    employees: async ({ id }: AgreementRow, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      const rows = await load(context, namedEmployees, { parent: id, page });
      return connection(rows, page, (person) => [person.name, person.id]);
    },
    units: async ({ id }: AgreementRow, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      const rows = await load(context, namedUnits, { parent: id, page });
      return connection(rows, page, (unit) => [unit.code, unit.id]);
    },
  },
};
