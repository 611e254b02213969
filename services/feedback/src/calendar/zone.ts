/** Instants as the clock on the wall shows them where the agency is, and back. */

/** A day, `YYYY-MM-DD`, without a time; compared as text. */
export type LocalDate = string;

/** A day and the milliseconds since its midnight, by the clock on the wall. */
export interface WallTime {
  readonly date: LocalDate;
  readonly ms: number;
}

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The day and time that it is in a time zone (IANA, such as Asia/Jakarta). */
export function wallTime(instant: Date, zone: string): WallTime {
  const local = instant.getTime() + offsetOf(instant.getTime(), zone);
  const ms = ((local % DAY_MS) + DAY_MS) % DAY_MS;
  return { date: dateOf(Math.floor(local / DAY_MS)), ms };
}

/** The day that it is in a time zone. */
export const dayIn = (instant: Date, zone: string): LocalDate => wallTime(instant, zone).date;

/** The instant at which the clock on the wall shows this day and time. */
export function instantOf({ date, ms }: WallTime, zone: string): Date {
  const local = dayNumber(date) * DAY_MS + ms;
  // The offset belongs to the instant that is sought: guessed from the wall time, then taken where the guess landed.
  const guess = local - offsetOf(local, zone);
  return new Date(local - offsetOf(guess, zone));
}

/** The last moment of a day in a time zone. */
export const endOfDay = (date: LocalDate, zone: string): Date =>
  new Date(instantOf({ date: addDays(date, 1), ms: 0 }, zone).getTime() - 1);

/** Days since 1 January 1970. */
export const dayNumber = (date: LocalDate): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

/** The day so many days after 1 January 1970. */
export const dateOf = (day: number): LocalDate => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The day so many days later, or earlier when `days` is negative. */
export const addDays = (date: LocalDate, days: number): LocalDate => dateOf(dayNumber(date) + days);

/** Monday is 1, Sunday is 7. */
export const weekdayOf = (date: LocalDate): number => ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1;

/** Whether the text is a day that the calendar has: 2026-02-30 is none. */
export function isLocalDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Milliseconds that the zone is ahead of UTC. Kept by the hour, for asking Intl takes 20 µs and imports ask by the thousand. */
function offsetOf(instant: number, zone: string): number {
  const hour = Math.floor(instant / HOUR_MS);
  const key = `${zone} ${hour}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= 10_000) offsets.clear();
  const offset = measureOffset(hour * HOUR_MS, zone);
  offsets.set(key, offset);
  return offset;
}

function measureOffset(instant: number, zone: string): number {
  const part = Object.fromEntries(
    formatterOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return (
    Date.UTC(part['year']!, part['month']! - 1, part['day']!, part['hour']!, part['minute']!, part['second']!) - instant
  );
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(zone, made);
  return made;
}
