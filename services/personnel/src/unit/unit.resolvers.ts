import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { isId, requireId } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import type { EntityManager } from 'typeorm';
import { agenciesById } from '../agency/agency.table.js';
import { headsOf } from '../assignment/assignment.table.js';
import { staffOfUnit } from '../employee/employee.resolvers.js';
import { closeUnit, mergeUnit, moveUnit, registerUnit, renameUnit } from './unit.commands.js';
import { UNIT_KINDS } from './unit.js';
import { childPages, namesAt, type UnitFilter, type UnitToday, unitPage, unitsById } from './unit.table.js';
import { ancestorsOf } from './unit-tree.table.js';

type UnitCommand<C> = (tx: EntityManager, context: ServiceContext, command: C) => Promise<{ unitId: string }>;

const change =
  <C>(name: string, command: UnitCommand<C>) =>
  async (_: unknown, { input }: { input: C & Command }, context: ServiceContext) => {
    const { unitId } = await once(context, name, input, (tx) => command(tx, context, input));
    return { unit: await load(context, unitsById, unitId) };
  };

async function unitList(context: ServiceContext, filter: UnitFilter, args: PageArguments) {
  const page = parsePage(args, { keys: 2 });
  return connection(await unitPage(context, filter, page), page, ({ code, id }) => [code, id]);
}

const unitOrNull = (context: ServiceContext, id: string | null) => (id === null ? null : load(context, unitsById, id));

export const unitResolvers = {
  Query: {
    unit: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      load(context, unitsById, requireId(id, 'id')),
    units: (_: unknown, args: UnitFilter & PageArguments, context: ServiceContext) => {
      const { agencyId, parentId, top = false } = args;
      const filter = {
        agencyId: agencyId == null ? null : requireId(agencyId, 'agencyId'),
        parentId: parentId == null ? null : requireId(parentId, 'parentId'),
        top,
      };
      return unitList(context, filter, args);
    },
  },
  Mutation: {
    registerUnit: change('registerUnit', registerUnit),
    renameUnit: change('renameUnit', renameUnit),
    moveUnit: change('moveUnit', moveUnit),
    mergeUnit: change('mergeUnit', mergeUnit),
    closeUnit: change('closeUnit', closeUnit),
  },
  Unit: {
    __resolveReference: ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) ? load(context, unitsById, id) : null,
    name: ({ id, name }: UnitToday, { at }: { at?: LocalDate | null }, context: ServiceContext) =>
      at == null ? name : load(context, namesAt, { unitId: id, at }),
    agency: ({ agencyId }: UnitToday, _: unknown, context: ServiceContext) => load(context, agenciesById, agencyId),
    parent: ({ parentId }: UnitToday, _: unknown, context: ServiceContext) => unitOrNull(context, parentId),
    mergedInto: ({ mergedInto }: UnitToday, _: unknown, context: ServiceContext) => unitOrNull(context, mergedInto),
    ancestors: async ({ id }: UnitToday, _: unknown, context: ServiceContext) => {
      const above = await load(context, ancestorsOf, id);
      return Promise.all(above.map((unitId) => load(context, unitsById, unitId)));
    },
    children: async ({ id }: UnitToday, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      return connection(await load(context, childPages, { parent: id, page }), page, ({ code, id }) => [code, id]);
    },
    head: ({ id, kind, today }: UnitToday, _: unknown, context: ServiceContext) =>
      UNIT_KINDS[kind].headIsPublic ? load(context, headsOf, { unitId: id, date: today }) : null,
    employees: (
      { id }: UnitToday,
      { search, ...args }: PageArguments & { search?: string | null },
      context: ServiceContext,
    ) => staffOfUnit(context, { unitId: id, search }, args),
  },
};
