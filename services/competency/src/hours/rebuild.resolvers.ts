import type { ServiceContext } from '@merit/chassis/api/context';
import { type AnewInput, anew } from '@merit/chassis/operations/anew';
import { byViewer } from '@merit/chassis/out/outbox';
import { type Changed, rebuildLedgers } from './rebuild.commands.js';

const ACTIONS = { shows: 'showLedgerDifferences', replaces: 'rebuildLedgers' };

export const rebuildResolvers = {
  Mutation: {
    rebuildLedgers: (_: unknown, { input }: { input: AnewInput }, context: ServiceContext) =>
      anew(context, input, ACTIONS, (what) => rebuildLedgers(context.db, byViewer(context), what)),
  },
  LedgerDifference: {
    employeeId: ({ after }: Changed) => after.employeeId,
    year: ({ after }: Changed) => after.year,
    live: ({ before }: Changed) => before && Number(before.counted),
    anew: ({ after }: Changed) => Number(after.counted),
    liveEntitlement: ({ before }: Changed) => before && Number(before.entitlement),
    anewEntitlement: ({ after }: Changed) => Number(after.entitlement),
  },
};
