import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type Command, once } from '@merit/chassis/api/idempotency';
import { isId, requireId } from '@merit/chassis/errors';
import { unitsById } from '../unit/unit.table.js';
import { type CreatePosition, createPosition } from './position.commands.js';
import type { Position } from './position.js';
import { positionsById } from './position.table.js';

export const positionResolvers = {
  Query: {
    position: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      load(context, positionsById, requireId(id, 'id')),
  },
  Mutation: {
    createPosition: async (_: unknown, { input }: { input: CreatePosition & Command }, context: ServiceContext) => {
      const run = once(context, 'createPosition', input, (tx) => createPosition(tx, context, input));
      return { position: await load(context, positionsById, (await run).positionId) };
    },
  },
  Position: {
    __resolveReference: ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) ? load(context, positionsById, id) : null,
    unit: ({ unitId }: Position, _: unknown, context: ServiceContext) => load(context, unitsById, unitId),
  },
};
