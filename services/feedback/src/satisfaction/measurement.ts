/**
 * What a service's satisfaction was from 1 January to a month's end (R7), as a chain in which each measurement replaces
 * the one before.
 */
import { ELEMENTS, NOBODY, pool, type Tally } from './satisfaction.js';

/** `YYYY-MM`. */
export type Month = string;

export interface Measurement extends Tally {
  readonly id: string;
  readonly serviceId: string;
  readonly unitId: string;
  /** The year, from its first day … */
  readonly year: number;
  /** … to this day, a month's end. */
  readonly windowTo: string;
  /** People served in the window, if every month of it is known. */
  readonly population: number | null;
  /** The measurement that this one replaces. */
  readonly supersedesId: string | null;
  readonly measuredAt: Date;
}

/** All that is known of a service in a year. */
export interface ServiceYear {
  readonly serviceId: string;
  readonly unitId: string;
  readonly year: number;
  /** The answers that count, by month. */
  readonly answered: ReadonlyMap<Month, Tally>;
  /** The people served, by month. */
  readonly served: ReadonlyMap<Month, number>;
  /** The measurements made so far, in order: the last one is in force. */
  readonly measured: readonly Measurement[];
}

/**
 * The measurements that a service and year lack, in order of their windows: at the end of each month that has passed, and
 * of the last window measured again where its figures have changed since, because answers or people served were entered
 * later. One is made when it adds at least `fewest` people to the one before it (the first: to nobody), or no answer at
 * all; until then the earlier one stays in force. So neither a measurement, nor what lies between two of them, is about
 * fewer, for whoever keeps them all and takes one from the next.
 * @param lastMonth the last month that has passed; in a later year, all of this one's have
 */
export function measure(
  of: ServiceYear,
  lastMonth: Month,
  { fewest, newId, now }: { readonly fewest: number; readonly newId: () => string; readonly now: Date },
): readonly Measurement[] {
  const { serviceId, unitId, year } = of;
  const made: Measurement[] = [];
  let inForce = of.measured.at(-1) ?? null;
  for (const window of windowsOf(of, lastMonth)) {
    if (!mayFollow(window, inForce, fewest)) continue;
    const supersedesId = inForce?.id ?? null;
    inForce = { ...window, id: newId(), serviceId, unitId, year, supersedesId, measuredAt: now };
    made.push(inForce);
  }
  return made;
}

function mayFollow(window: Window, before: Measurement | null, fewest: number): boolean {
  if (before === null) return window.respondents >= fewest;
  if (window.windowTo < before.windowTo) return false;
  if (!sameAnswers(window, before)) return window.respondents - before.respondents >= fewest;
  return window.windowTo > before.windowTo || window.population !== before.population;
}

type Window = Tally & Pick<Measurement, 'windowTo' | 'population'>;

/** From January on, each month added to those before it. */
function windowsOf({ year, answered, served }: ServiceYear, lastMonth: Month): readonly Window[] {
  const windows: Window[] = [];
  let tally: Tally = NOBODY;
  let population: number | null = 0;
  for (const month of monthsUntil(year, lastMonth)) {
    tally = pool([tally, answered.get(month) ?? NOBODY]);
    const people = served.get(month);
    population = population === null || people === undefined ? null : population + people;
    windows.push({ ...tally, windowTo: lastDayOf(month), population });
  }
  return windows;
}

const sameAnswers = (a: Tally, b: Tally): boolean =>
  a.respondents === b.respondents && ELEMENTS.every((element) => a.sums[element] === b.sums[element]);

/** The months from January to the last one, both included; none if it lies in an earlier year. */
export function monthsUntil(year: number, lastMonth: Month): readonly Month[] {
  const all = Array.from({ length: 12 }, (_, i) => `${year}-${String(i + 1).padStart(2, '0')}`);
  return all.filter((month) => month <= lastMonth);
}

/** The last day of a month: `2026-02` gives `2026-02-28`. */
export function lastDayOf(month: Month): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

/** The last month that has passed on a day: on 2026-01-31, December 2025. */
export function lastMonthBefore(today: string): Month {
  const [year, month] = today.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month - 2, 1)).toISOString().slice(0, 7);
}
