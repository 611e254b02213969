/** Calendars in the graph: translate and call. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { once } from '@merit/chassis/api/idempotency';
import { requireId } from '@merit/chassis/errors';
import { byViewer } from '@merit/chassis/out/outbox';
import { type PublishCalendar, publishCalendar } from './calendar.commands.js';
import { type PublishedCalendar, requireYear } from './calendar.js';
import { readCalendar } from './calendar.table.js';

type Year = { readonly agencyId?: string | null; readonly year: number };
type Input = { readonly input: Omit<PublishCalendar, 'agencyId'> & Year & { readonly idempotencyKey?: string | null } };

const agencyOf = ({ agencyId }: Year): string | null => (agencyId == null ? null : requireId(agencyId, 'agencyId'));

/** An agency's own calendar, else the national one. */
async function workCalendar(_: unknown, args: Year, { db }: ServiceContext): Promise<PublishedCalendar | null> {
  const year = requireYear(args.year);
  const agencyId = agencyOf(args);
  return (agencyId && (await readCalendar(db, agencyId, year))) || readCalendar(db, null, year);
}

export const calendarResolvers = {
  Query: { workCalendar },
  WorkCalendar: { national: ({ agencyId }: PublishedCalendar) => agencyId === null },
  Mutation: {
    publishCalendar: async (_: unknown, { input }: Input, context: ServiceContext) => {
      const agencyId = agencyOf(input);
      const { year, holidays, source, expectedVersion } = input;
      // Whoever publishes it has the decree at hand.
      const command = { agencyId, year, holidays, source, verified: true, expectedVersion: expectedVersion ?? null };
      await once(context, 'publishCalendar', input, (tx) =>
        publishCalendar(tx, byViewer(context), command, context.now()),
      );
      return { calendar: await readCalendar(context.db, agencyId, year) };
    },
  },
};
