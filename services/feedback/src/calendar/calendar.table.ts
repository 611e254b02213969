/** Published calendars as they lie in the database. */
import { agenciesOf } from '@merit/directory/directory';
import type { DataSource, EntityManager } from 'typeorm';
import { DEFAULT_ZONE } from '../service/service.table.js';
import { WORKING_WEEKS } from './calendar.figures.js';
import { type Calendar, holidaysOf, type PublishedCalendar } from './calendar.js';

type Reader = DataSource | EntityManager;

const COLUMNS = `id, agency_id as "agencyId", year, holidays, source, verified, version`;

/**
 * Keeps calendars from being published until the transaction ends, and is shared by all who start or stop clocks: or a
 * clock that is just being started by the old calendar would be missed when the clocks are moved. Of the transaction,
 * not of the session, so that it holds behind a pooler.
 */
export const shareCalendars = (tx: EntityManager) =>
  tx.query(`select pg_advisory_xact_lock_shared(hashtext('merit.feedback.calendar'))`);

/** Waits for everyone who starts or stops clocks, and keeps them waiting. */
export const lockCalendars = (tx: EntityManager) =>
  tx.query(`select pg_advisory_xact_lock(hashtext('merit.feedback.calendar'))`);

/** The calendar that was published for this agency (null: the nation) and year, if any. */
export async function readCalendar(
  tx: Reader,
  agencyId: string | null,
  year: number,
): Promise<PublishedCalendar | null> {
  const [calendar] = await tx.query(
    `select ${COLUMNS} from work_calendar where agency_id is not distinct from $1::uuid and year = $2`,
    [agencyId, year],
  );
  return calendar ?? null;
}

/** Writes a calendar over the one of its agency and year. */
export async function saveCalendar(tx: EntityManager, calendar: PublishedCalendar): Promise<void> {
  const { id, agencyId, year, holidays, source, verified, version } = calendar;
  await tx.query(
    `insert into work_calendar (id, agency_id, year, holidays, source, verified, version) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (agency_id, year) do update
       set holidays = excluded.holidays, source = excluded.source, verified = excluded.verified, version = excluded.version`,
    [id, agencyId, year, JSON.stringify(holidays), source, verified, version],
  );
}

/** The calendars that hold for agencies, each in its own time zone. Two statements, however many. */
export async function calendarsOf(tx: Reader, agencyIds: readonly string[]): Promise<(agencyId: string) => Calendar> {
  const agencies = await agenciesOf(tx, agencyIds);
  const published: PublishedCalendar[] = await tx.query(
    `select ${COLUMNS} from work_calendar where agency_id is null or agency_id = any($1)`,
    [agencyIds],
  );
  const made = new Map<string, Calendar>();
  return (agencyId) => {
    const known = made.get(agencyId);
    if (known) return known;
    const zone = agencies.get(agencyId)?.timeZone ?? DEFAULT_ZONE;
    const calendar = { zone, weeks: WORKING_WEEKS, holidays: holidaysOf(published, agencyId) };
    made.set(agencyId, calendar);
    return calendar;
  };
}
