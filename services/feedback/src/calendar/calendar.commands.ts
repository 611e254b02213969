/** The only place that publishes calendars. */
import { DomainError } from '@merit/chassis/errors';
import type { EntityManager } from 'typeorm';
import { moveOpenClocks } from '../complaint/complaint.clocks.commands.js';
import { type By, publish as publishMessages } from '../publish.js';
import { calendarMessage } from './calendar.events.js';
import { type Holiday, publish } from './calendar.js';
import { NATIONAL_CALENDARS } from './calendar.national.js';
import { lockCalendars, readCalendar, saveCalendar } from './calendar.table.js';

export interface PublishCalendar {
  /** Null for the nation. */
  readonly agencyId: string | null;
  readonly year: number;
  readonly holidays: readonly Holiday[];
  readonly source: string;
  readonly verified: boolean;
  /** The version that was read, 0 for none; without it, whatever there is is replaced. */
  readonly expectedVersion?: number | null;
}

/**
 * Publishes the days off of a year, in full, and moves the clocks of complaints that run.
 * @throws CONFLICT, and as the rule does
 */
export async function publishCalendar(
  tx: EntityManager,
  by: By,
  { expectedVersion, ...days }: PublishCalendar,
  now: Date,
): Promise<{ calendarId: string }> {
  await lockCalendars(tx);
  const before = await readCalendar(tx, days.agencyId, days.year);
  const version = before?.version ?? 0;
  if (expectedVersion != null && expectedVersion !== version) {
    throw new DomainError('CONFLICT', 'Another calendar of this year was published. Read it, then publish yours.', {
      field: 'expectedVersion',
      version,
    });
  }
  const { state, events } = publish({ ...days, id: before?.id ?? by.newId(), version: version + 1 });
  await saveCalendar(tx, state);
  await publishMessages(
    tx,
    by,
    events.map((event) => calendarMessage(event, now)),
  );
  await moveOpenClocks(tx, days.agencyId, now);
  return { calendarId: state.id };
}

/** Publishes the national calendars that Merit ships with, where none was published yet. */
export async function shipCalendars(tx: EntityManager, by: By, now: Date): Promise<void> {
  const isMissing = async ({ year }: { year: number }) => !(await readCalendar(tx, null, year));
  for (const shipped of NATIONAL_CALENDARS) {
    if (!(await isMissing(shipped))) continue;
    // Looked at again under the lock: another process may be shipping it at this moment.
    await lockCalendars(tx);
    if (await isMissing(shipped)) await publishCalendar(tx, by, { agencyId: null, ...shipped }, now);
  }
}
