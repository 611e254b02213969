/**
 * Working days and working hours: the calendar by which the clocks of complaints run.
 *
 * Pure: a calendar is data, made of the working week, the published holidays and the agency's time zone.
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';
import { DAY_MS, dateOf, dayOf, type LocalDate, requireDate } from '@merit/chassis/local-date';
import type { Span, WorkingWeek } from './calendar.figures.js';
import { wallTime, weekdayOf } from './zone.js';

export interface Calendar {
  /** IANA time zone of the agency. */
  readonly zone: string;
  readonly weeks: readonly WorkingWeek[];
  /** Public holidays and shared leave (cuti bersama). */
  readonly holidays: ReadonlySet<LocalDate>;
}

export interface Holiday {
  readonly date: LocalDate;
  readonly name: string;
}

/** The days of a year on which an agency does not work, in full; without an agency, the national ones. */
export interface PublishedCalendar {
  readonly id: string;
  readonly agencyId: string | null;
  readonly year: number;
  readonly holidays: readonly Holiday[];
  /** The decree that names the days. */
  readonly source: string;
  readonly verified: boolean;
  /** +1 with each publication. */
  readonly version: number;
}

export type CalendarEvent = { readonly type: 'CalendarPublished'; readonly calendar: PublishedCalendar };

/** A year has no more days than that. */
const MOST_HOLIDAYS = 366;
const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

/**
 * The days off of a year, in order.
 * @throws YEAR_OUT_OF_RANGE on `year`; TOO_MANY_HOLIDAYS, DATE_INVALID, HOLIDAY_OUTSIDE_YEAR, HOLIDAY_TWICE on `holidays`;
 *   TEXT_REQUIRED, TEXT_INVALID, TEXT_TOO_LONG on `holidays` and `source`
 */
export function publish(calendar: PublishedCalendar): Decision<PublishedCalendar, CalendarEvent> {
  const { year, holidays } = calendar;
  requireYear(year);
  if (holidays.length > MOST_HOLIDAYS) {
    throw refuse('TOO_MANY_HOLIDAYS', `A year has no more than ${MOST_HOLIDAYS} days.`, 'holidays');
  }
  const sorted = holidays.map((holiday) => checked(holiday, year)).sort((a, b) => (a.date < b.date ? -1 : 1));
  const twice = sorted.find(({ date }, i) => date === sorted[i - 1]?.date);
  if (twice) throw refuse('HOLIDAY_TWICE', `${twice.date} is named twice. Name each day once.`, 'holidays');
  const state = { ...calendar, holidays: sorted, source: requireText(calendar.source, 'source', { max: 300 }) };
  return { state, events: [{ type: 'CalendarPublished', calendar: state }] };
}

/** @throws YEAR_OUT_OF_RANGE on `year` */
export function requireYear(year: number): number {
  if (Number.isInteger(year) && year >= FIRST_YEAR && year <= LAST_YEAR) return year;
  throw refuse('YEAR_OUT_OF_RANGE', `Give a year from ${FIRST_YEAR} to ${LAST_YEAR}.`, 'year');
}

function checked(holiday: Holiday, year: number): Holiday {
  const date = requireDate(holiday.date, 'holidays');
  if (!date.startsWith(`${year}-`)) throw refuse('HOLIDAY_OUTSIDE_YEAR', `${date} is no day of ${year}.`, 'holidays');
  return { date, name: requireText(holiday.name, 'holidays', { max: 200 }) };
}

const refuse = (code: string, message: string, field: string) => new DomainError(code, message, { field });

/**
 * The days off that hold for an agency: in each year its own calendar where it has published one, else the national one.
 * A year without any has its weekends only.
 */
export function holidaysOf(calendars: readonly PublishedCalendar[], agencyId: string): ReadonlySet<LocalDate> {
  const ownYears = new Set(calendars.filter((c) => c.agencyId === agencyId).map((c) => c.year));
  const holding = calendars.filter((c) => c.agencyId === agencyId || (c.agencyId === null && !ownYears.has(c.year)));
  return new Set(holding.flatMap((c) => c.holidays.map(({ date }) => date)));
}

/** The hours that are worked on a day, in minutes since midnight; none on weekends and holidays. */
const hoursOn = (calendar: Calendar, date: LocalDate): readonly Span[] => hoursOnDay(calendar, dayOf(date));

const looked = new WeakMap<Calendar, Map<number, readonly Span[]>>();

/** Each day of a calendar is looked up once: an import of a thousand complaints asks for the same days 100,000 times. */
function hoursOnDay(calendar: Calendar, day: number): readonly Span[] {
  const known = looked.get(calendar) ?? new Map<number, readonly Span[]>();
  looked.set(calendar, known);
  const hours = known.get(day) ?? lookUp(calendar, dateOf(day));
  known.set(day, hours);
  return hours;
}

function lookUp({ weeks, holidays }: Calendar, date: LocalDate): readonly Span[] {
  if (holidays.has(date)) return [];
  return weeks.find(({ validFrom }) => validFrom <= date)?.hours[weekdayOf(date)] ?? [];
}

/** Whether anyone works on this day. */
export const isWorkingDay = (calendar: Calendar, date: LocalDate): boolean => hoursOn(calendar, date).length > 0;

/** The nth working day after a day, which is not counted itself; that day for n = 0. */
export function addWorkingDays(calendar: Calendar, from: LocalDate, n: number): LocalDate {
  let day = dayOf(from);
  for (let left = n; left > 0; ) {
    day += 1;
    if (hoursOnDay(calendar, day).length > 0) left -= 1;
  }
  return dateOf(day);
}

/** The working days after the first day, up to and with the last. */
export function workingDaysBetween(calendar: Calendar, from: LocalDate, to: LocalDate): number {
  const last = dayOf(to);
  let days = 0;
  for (let day = dayOf(from) + 1; day <= last; day += 1) {
    if (hoursOnDay(calendar, day).length > 0) days += 1;
  }
  return days;
}

/** Whole minutes of working hours between two instants. */
export function workingMinutes(calendar: Calendar, from: Date, to: Date): number {
  if (to <= from) return 0;
  const start = wallTime(from, calendar.zone);
  const end = wallTime(to, calendar.zone);
  const [first, last] = [dayOf(start.date), dayOf(end.date)];
  let worked = 0;
  for (let day = first; day <= last; day += 1) {
    const opens = day === first ? start.ms : 0;
    const closes = day === last ? end.ms : DAY_MS;
    for (const span of hoursOnDay(calendar, day)) worked += overlapMs(span, opens, closes);
  }
  return Math.floor(worked / 60_000);
}

const overlapMs = ([from, to]: Span, opens: number, closes: number): number =>
  Math.max(0, Math.min(to * 60_000, closes) - Math.max(from * 60_000, opens));
