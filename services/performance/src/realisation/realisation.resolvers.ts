/** Mutations and fields of realisations: translate and call. */
import { load, type ServiceContext } from '@merit/chassis/api/context';
import { once } from '@merit/chassis/api/idempotency';
import {
  type Connection,
  connection,
  type Key,
  type Page,
  type PageArguments,
  parsePage,
  seek,
} from '@merit/chassis/api/page';
import { inOrder } from '@merit/chassis/api/rows';
import { requireId } from '@merit/chassis/errors';
import { byViewer } from '@merit/chassis/out/outbox';
import { demand, demandOf } from '@merit/directory/access';
import { actorFrom } from '../actor.js';
import type { Indicator } from '../plan/plan.js';
import { employeeOf, indicatorNotFound, planOfIndicator, SEES_PLANS } from '../plan/plan.resolvers.js';
import { correctRealisation, realisationNotFound, reportRealisation } from './realisation.commands.js';
import { type ReportInput, reportFrom } from './realisation.input.js';
import { pageOfRealisations, realisationsById, realisedOf, type StoredRealisation } from './realisation.table.js';
import { importRealisations, type RealisationRow } from './realisation-import.commands.js';

type Input<T> = { readonly input: T & { readonly idempotencyKey?: string | null } };

async function batchById({ db }: ServiceContext, ids: readonly string[]): Promise<(StoredRealisation | null)[]> {
  return inOrder(ids, await realisationsById(db, ids));
}

async function batchRealised({ db }: ServiceContext, ids: readonly string[]) {
  const found = new Map((await realisedOf(db, ids)).map((row) => [row.indicatorId, row]));
  return ids.map((id) => found.get(id) ?? null);
}

const ORDER: readonly Key[] = [
  { sql: 'r.realised_on', type: 'date' },
  { sql: 'r.id', type: 'uuid' },
];

/** One statement for each page that is asked for, whatever the number of indicators. */
async function batchPages({ db }: ServiceContext, keys: readonly { indicatorId: string; page: Page }[]) {
  const pages = new Map(keys.map(({ page }) => [JSON.stringify(page), page]));
  const found = new Map<string, Connection<StoredRealisation>>();
  for (const [name, page] of pages) {
    const ids = keys.filter((key) => JSON.stringify(key.page) === name).map(({ indicatorId }) => indicatorId);
    const rows = await pageOfRealisations(db, ids, seek(page, ORDER, { descending: true, firstParameter: 2 }));
    for (const id of ids) {
      const own = rows.filter(({ indicatorId }) => indicatorId === id);
      found.set(
        `${id} ${name}`,
        connection(own, page, (row) => [row.realisedOn, row.id]),
      );
    }
  }
  return keys.map(({ indicatorId, page }) => found.get(`${indicatorId} ${JSON.stringify(page)}`)!);
}

/** A realisation and, for the judgement of who may see it, whose it is. */
async function payload(context: ServiceContext, realisationId: string) {
  const realisation = await load(context, batchById, realisationId);
  return { realisation, employeeId: realisation?.employeeId ?? null };
}

interface ImportRealisationsInput {
  readonly agencyId: string;
  readonly year: number;
  readonly rows: readonly RealisationRow[];
  readonly validateOnly: boolean;
}

export const realisationResolvers = {
  Mutation: {
    reportRealisation: async (
      _: unknown,
      { input }: Input<ReportInput & { indicatorId: string }>,
      context: ServiceContext,
    ) => {
      const indicatorId = requireId(input.indicatorId, 'indicatorId');
      const { planId, employeeId, year } = await planOfIndicator(context, indicatorId);
      const known = { seenBy: SEES_PLANS, year, unknown: indicatorNotFound };
      await demandOf(context, ['SELF'], { employee: employeeId }, known);
      const command = { planId, indicatorId, reported: reportFrom(input) };
      const { realisationId } = await once(context, 'reportRealisation', input, (tx) =>
        reportRealisation(tx, byViewer(context), command),
      );
      return payload(context, realisationId);
    },

    correctRealisation: async (
      _: unknown,
      { input }: Input<ReportInput & { realisationId: string }>,
      context: ServiceContext,
    ) => {
      const before = await load(context, batchById, requireId(input.realisationId, 'realisationId'));
      if (!before) throw realisationNotFound();
      const known = { seenBy: SEES_PLANS, year: before.year, unknown: realisationNotFound };
      await demandOf(context, ['SELF'], { employee: before.employeeId }, known);
      const command = { realisationId: before.id, reported: reportFrom(input) };
      const { realisationId } = await once(context, 'correctRealisation', input, (tx) =>
        correctRealisation(tx, byViewer(context), command),
      );
      return payload(context, realisationId);
    },

    importRealisations: async (_: unknown, { input }: Input<ImportRealisationsInput>, context: ServiceContext) => {
      const agencyId = requireId(input.agencyId, 'agencyId');
      await demand(context, ['HR'], { agency: agencyId });
      const command = { ...input, agencyId, viewer: employeeOf(context) };
      return once(context, 'importRealisations', input, (tx) => importRealisations(tx, byViewer(context), command));
    },
  },

  Indicator: {
    /** Quantities add up; levels are means (R2). */
    realised: async ({ id, aspect }: Indicator, _: unknown, context: ServiceContext) => {
      const found = await load(context, batchRealised, id);
      return found && Number(aspect === 'QUANTITY' ? found.total : found.mean);
    },
    realisations: ({ id: indicatorId }: Indicator, args: PageArguments, context: ServiceContext) =>
      load(context, batchPages, { indicatorId, page: parsePage(args, { keys: ORDER.length }) }),
  },
  Realisation: {
    quantity: ({ quantity }: StoredRealisation) => Number(quantity),
    reportedBy: ({ reportedBy }: StoredRealisation) => actorFrom(reportedBy),
  },
};
