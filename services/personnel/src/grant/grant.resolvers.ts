import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { isId } from '@merit/chassis/errors';
import { judgeRead } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { agenciesById } from '../agency/agency.table.js';
import type { EmployeeToday } from '../employee/employee.table.js';
import { unitsById } from '../unit/unit.table.js';
import { grantRole, revokeRole } from './grant.commands.js';
import type { Grant } from './grant.js';
import { grantPages, grantsById } from './grant.table.js';

type GrantCommand<C> = (tx: EntityManager, context: ServiceContext, command: C) => Promise<{ grantId: string }>;

const change =
  <C>(name: string, command: GrantCommand<C>) =>
  async (_: unknown, { input }: { input: C & Command }, context: ServiceContext) => {
    const { grantId } = await once(context, name, input, (tx) => command(tx, context, input));
    const grant = (await load(context, grantsById, grantId))!;
    return { grant, agencyId: grant.agencyId };
  };

export const grantResolvers = {
  Mutation: {
    grantRole: change('grantRole', grantRole),
    revokeRole: change('revokeRole', revokeRole),
  },
  Employee: {
    grants: async ({ id }: EmployeeToday, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      return connection(await load(context, grantPages, { parent: id, page }), page, (grant) => [
        grant.validFrom,
        grant.id,
      ]);
    },
  },
  RoleGrantPayload: {
    grant: async ({ grant }: { grant: Grant }, _: unknown, context: ServiceContext) => {
      // The rule names the agency within which the role holds, which need not be the one that employs the person.
      if (isId(grant.subject)) {
        const shown = { type: 'RoleGrantPayload', field: 'grant', employee: grant.subject };
        await judgeRead(context, ['HR', 'ADMIN'], { agency: grant.agencyId }, shown);
      }
      return grant;
    },
  },
  RoleGrant: {
    agency: ({ agencyId }: Grant, _: unknown, context: ServiceContext) =>
      agencyId === null ? null : load(context, agenciesById, agencyId),
    unit: ({ unitId }: Grant, _: unknown, context: ServiceContext) =>
      unitId === null ? null : load(context, unitsById, unitId),
  },
};
