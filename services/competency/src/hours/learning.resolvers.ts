import { load, remembered, type ServiceContext } from '@merit/chassis/api/context';
import { connection, type PageArguments, parsePage } from '@merit/chassis/api/page';
import { DomainError, isId } from '@merit/chassis/errors';
import { asOf } from '@merit/chassis/in/consumer';
import { coursesById } from '../course/course.table.js';
import { peopleById } from '../person.table.js';
import { type Learning, learningOf, type RecordRow, recordPages } from './learning.table.js';
import { waitingSince } from './year.table.js';

/** Everything that happened before is in the ledgers: what has been read of others' events, and has been worked off. */
async function freshness({ db }: ServiceContext): Promise<Date> {
  const [read, waiting] = [await asOf(db), await waitingSince(db)];
  return waiting && waiting < read ? waiting : read;
}

export const learningResolvers = {
  Employee: {
    __resolveReference: ({ id }: { id: string }, context: ServiceContext) =>
      isId(id) ? load(context, peopleById, id.toLowerCase()) : null,
    learning: ({ id }: { id: string }, { year }: { year: number }, context: ServiceContext) =>
      load(context, learningOf, { employeeId: id, year: requireYear(year) }),
  },
  Learning: {
    hours: ({ hours }: Learning) => hours.toNumber(),
    recorded: ({ recorded }: Learning) => recorded.toNumber(),
    entitlement: ({ entitlement }: Learning) => entitlement.toNumber(),
    shortfall: ({ shortfall }: Learning) => shortfall.toNumber(),
    asOf: (_: Learning, _args: unknown, context: ServiceContext) =>
      remembered(context, freshness, () => freshness(context)),
    records: async ({ ledgerId }: Learning, args: PageArguments, context: ServiceContext) => {
      const page = parsePage(args, { keys: 2 });
      const rows = ledgerId === null ? [] : await load(context, recordPages, { parent: ledgerId, page });
      return connection(rows, page, ({ startsOn, id }) => [startsOn, id]);
    },
  },
  TrainingRecord: {
    course: ({ courseId }: RecordRow, _: unknown, context: ServiceContext) => load(context, coursesById, courseId),
    hours: ({ hours }: RecordRow) => Number(hours),
    counted: ({ counted }: RecordRow) => Number(counted),
  },
};

/** Years that a day of the calendar can lie in as it is written here. */
function requireYear(year: number): number {
  if (year >= 1970 && year <= 9999) return year;
  throw new DomainError('YEAR_OUT_OF_RANGE', 'Give a year from 1970 to 9999.', { field: 'year', min: 1970, max: 9999 });
}
