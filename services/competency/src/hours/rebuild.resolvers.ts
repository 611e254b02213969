import type { ServiceContext } from '@merit/chassis/api/context';
import { requireId, requireText } from '@merit/chassis/errors';
import { auditedThrough, auditShown } from '@merit/chassis/operations/audit';
import { byViewer } from '@merit/chassis/out/outbox';
import { type Changed, rebuildLedgers } from './rebuild.commands.js';

interface RebuildInput {
  readonly after?: string | null;
  readonly people?: number | null;
  readonly check?: boolean | null;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

/** Who is shown what ledgers are and should be, and who replaces them, is written down. */
async function rebuild(input: RebuildInput, context: ServiceContext) {
  const check = input.check === true;
  const after = input.after == null ? null : requireId(input.after, 'after');
  const run = () => rebuildLedgers(context.db, byViewer(context), { after, people: input.people ?? null, check });
  const target = `people after ${after ?? 'nobody'}`;
  if (check) {
    const { different, ...found } = await run();
    if (different.length > 0) await auditShown(context, 'showLedgerDifferences', target);
    return { ...found, different: different.length, differences: different };
  }
  const reason = requireText(input.reason ?? '', 'reason', { max: 500 });
  return auditedThrough(context, { action: 'rebuildLedgers', target, input: { ...input }, reason }, async () => {
    const { different, ...done } = await run();
    return { ...done, different: different.length, differences: [] };
  });
}

export const rebuildResolvers = {
  Mutation: {
    rebuildLedgers: (_: unknown, { input }: { input: RebuildInput }, context: ServiceContext) =>
      rebuild(input, context),
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
