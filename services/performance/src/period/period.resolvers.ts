/** Query, mutation and entity of periods: translate and call. */
import { load, type ServiceContext } from '@merit/chassis/api/context';
import { once } from '@merit/chassis/api/idempotency';
import { connection, type Key, type PageArguments, parsePage, seek } from '@merit/chassis/api/page';
import { inOrder } from '@merit/chassis/api/rows';
import { DomainError, requireId } from '@merit/chassis/errors';
import { byViewer } from '@merit/chassis/out/outbox';
import { demand } from '@merit/directory/access';
import { type OpenPeriod, openPeriod } from './period.commands.js';
import type { Period } from './period.js';
import { pageOfPeriods, periodsById } from './period.table.js';

type Input<T> = { readonly input: T & { readonly idempotencyKey?: string | null } };

async function batch({ db }: ServiceContext, ids: readonly string[]): Promise<(Period | null)[]> {
  return inOrder(ids, await periodsById(db, ids));
}

export const periodById = (context: ServiceContext, id: string): Promise<Period | null> => load(context, batch, id);

const ORDER: readonly Key[] = [
  { sql: 'p.year', type: 'int' },
  { sql: 'p.id', type: 'uuid' },
];

export const periodResolvers = {
  Query: {
    performancePeriod: (_: unknown, { id }: { id: string }, context: ServiceContext) =>
      periodById(context, requireId(id, 'id')),
    performancePeriods: async (
      _: unknown,
      { agencyId, ...args }: PageArguments & { agencyId: string },
      { db }: ServiceContext,
    ) => {
      const page = parsePage(args, { keys: ORDER.length });
      const sql = seek(page, ORDER, { descending: true, firstParameter: 2 });
      const rows = await pageOfPeriods(db, requireId(agencyId, 'agencyId'), sql);
      return connection(rows, page, ({ year, id }) => [year, id]);
    },
  },
  Mutation: {
    openPeriod: async (_: unknown, { input }: Input<OpenPeriod>, context: ServiceContext) => {
      const agencyId = requireId(input.agencyId, 'agencyId');
      await demand(context, ['ADMIN', 'HR'], { agency: agencyId });
      const { year, kind } = input;
      const { periodId } = await once(context, 'openPeriod', input, (tx) =>
        openPeriod(tx, byViewer(context), { agencyId, year, kind }),
      );
      const period = await periodById(context, periodId);
      if (!period) throw new DomainError('PERIOD_NOT_FOUND', 'There is no such period.');
      return { period };
    },
  },
  PerformancePeriod: {
    agency: ({ agencyId }: Period) => ({ id: agencyId }),
    startsOn: ({ span }: Period) => span.from,
    endsOn: ({ span }: Period) => span.to,
  },
};
