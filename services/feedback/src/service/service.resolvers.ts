/** Query, mutations and entities of public services: translate and call. */
import { load, type ServiceContext } from '@merit/chassis/api/context';
import { once } from '@merit/chassis/api/idempotency';
import { type PageArguments, parsePage } from '@merit/chassis/api/page';
import { isId, requireId } from '@merit/chassis/errors';
import { demand } from '@merit/directory/access';
import {
  changeService,
  type ImportServices,
  importServices,
  type RegisterService,
  registerService,
} from './service.commands.js';
import type { PublicService, ServiceChange } from './service.js';
import { requireService, servicesById, servicesOfUnits, unitsKnown } from './service.table.js';

type Input<T> = { readonly input: T & { readonly idempotencyKey?: string | null } };

export const serviceById = (context: ServiceContext, id: string): Promise<PublicService | null> =>
  load(context, servicesById, id);

export const serviceResolvers = {
  Query: {
    publicService: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      serviceById(context, requireId(id, 'id')),
  },
  Mutation: {
    registerService: async (_: unknown, { input }: Input<RegisterService>, context: ServiceContext) => {
      await demand(context, ['HR'], { unit: requireId(input.unitId, 'unitId') });
      const { serviceId } = await once(context, 'registerService', input, (tx) => registerService(tx, context, input));
      return { service: await serviceById(context, serviceId) };
    },
    updateService: async (
      _: unknown,
      { input }: Input<ServiceChange & { serviceId: string }>,
      context: ServiceContext,
    ) => {
      const { id, unitId } = await requireService(context, requireId(input.serviceId, 'serviceId'));
      await demand(context, ['HR'], { unit: unitId });
      await once(context, 'updateService', input, (tx) => changeService(tx, context, id, input));
      return { service: await serviceById(context, id) };
    },
    importServices: async (_: unknown, { input }: Input<ImportServices>, context: ServiceContext) => {
      const agencyId = requireId(input.agencyId, 'agencyId');
      await demand(context, ['HR'], { agency: agencyId });
      return once(context, 'importServices', input, (tx) => importServices(tx, context, { ...input, agencyId }));
    },
  },
  PublicService: {
    __resolveReference: ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) ? serviceById(context, id) : null,
    unit: ({ unitId }: PublicService) => ({ id: unitId }),
  },
  Unit: {
    __resolveReference: async ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) && (await load(context, unitsKnown, id)) ? { id } : null,
    services: ({ id }: { id: string }, args: PageArguments, context: ServiceContext) =>
      load(context, servicesOfUnits, { unitId: id, page: parsePage(args, { keys: 2 }) }),
  },
};
