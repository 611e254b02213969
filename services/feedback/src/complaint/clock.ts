/** The clock of a complaint: it runs while the complaint is with the unit, and goes on where it stopped. */
import { addDays, dayOf, localDateAt } from '@merit/chassis/local-date';
import { addWorkingDays, type Calendar, workingDaysBetween, workingMinutes } from '../calendar/calendar.js';
import { endOfDay } from '../calendar/zone.js';
import type { Limit } from './complaint.figures.js';

export interface Clock {
  /** Since when it runs, or last ran. */
  readonly runsSince: Date;
  /** Days of the limit's unit that were used in earlier runs. */
  readonly usedDays: number;
  /** Working minutes that were used in earlier runs. */
  readonly usedMinutes: number;
  /** The last moment at which the end is in time. */
  readonly dueAt: Date;
}

/** A clock that starts now: the first day counted is the next one, and the last lasts until its midnight. */
export const start = (calendar: Calendar, limit: Limit, now: Date): Clock => ({
  runsSince: now,
  usedDays: 0,
  usedMinutes: 0,
  dueAt: limitAfter(calendar, limit, now),
});

/** The end of the last day of a limit that began at this moment, less the days already used. */
export function limitAfter(calendar: Calendar, { quantity, unit }: Limit, from: Date, usedDays = 0): Date {
  const day = localDateAt(from, calendar.zone);
  const left = Math.max(0, quantity - usedDays);
  const last = unit === 'WORKING_DAYS' ? addWorkingDays(calendar, day, left) : addDays(day, left);
  return endOfDay(last, calendar.zone);
}

/** What the clock shows when it stops: days and working minutes of all its runs. */
export function stop(clock: Clock, calendar: Calendar, { unit }: Limit, now: Date): Clock {
  const from = localDateAt(clock.runsSince, calendar.zone);
  const to = localDateAt(now, calendar.zone);
  const days = unit === 'WORKING_DAYS' ? workingDaysBetween(calendar, from, to) : dayOf(to) - dayOf(from);
  const minutes = workingMinutes(calendar, clock.runsSince, now);
  return { ...clock, usedDays: clock.usedDays + days, usedMinutes: clock.usedMinutes + minutes };
}

/** Runs on with what is left of the first limit. One that had passed stays passed. */
export function resume(clock: Clock, wasInTime: boolean, calendar: Calendar, limit: Limit, now: Date): Clock {
  if (!wasInTime) return { ...clock, runsSince: now };
  return { ...clock, runsSince: now, dueAt: limitAfter(calendar, limit, now, clock.usedDays) };
}

/** After the calendar changed. One that has passed stays so, and none passes by moving: it lasts until tonight at least. */
export function move(clock: Clock, calendar: Calendar, limit: Limit, now: Date): Clock {
  if (clock.dueAt < now) return clock;
  const moved = limitAfter(calendar, limit, clock.runsSince, clock.usedDays);
  const tonight = endOfDay(localDateAt(now, calendar.zone), calendar.zone);
  return { ...clock, dueAt: new Date(Math.max(moved.getTime(), tonight.getTime())) };
}
