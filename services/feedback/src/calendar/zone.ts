/** What the clock on the wall shows where the agency is. */
import { addDays, DAY_MS, dateOf, dayOf, type LocalDate, offsetAt, startOfDay } from '@merit/chassis/local-date';

/** A day and the milliseconds since its midnight, by the clock on the wall. */
export interface WallTime {
  readonly date: LocalDate;
  readonly ms: number;
}

/** The day and time that it is in a time zone (IANA, such as Asia/Jakarta). */
export function wallTime(instant: Date, zone: string): WallTime {
  const local = instant.getTime() + offsetAt(instant.getTime(), zone);
  const ms = ((local % DAY_MS) + DAY_MS) % DAY_MS;
  return { date: dateOf(Math.floor(local / DAY_MS)), ms };
}

/** The last moment of a day in a time zone. */
export const endOfDay = (date: LocalDate, zone: string): Date =>
  new Date(startOfDay(addDays(date, 1), zone).getTime() - 1);

/** Monday is 1, Sunday is 7. */
export const weekdayOf = (date: LocalDate): number => ((((dayOf(date) + 3) % 7) + 7) % 7) + 1;
