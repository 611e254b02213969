import { type Day, dateOf, dayOf } from '../local-date.js';
import type { TrainingRecord } from './record.js';
import type { FormCap } from './rules.js';

/** The part of a record that falls in one calendar year and one contract year. */
export interface Portion {
  readonly record: TrainingRecord;
  /** The rule it falls under: that in force on the record's first day, for all its days. */
  readonly cap: FormCap | null;
  readonly year: number;
  /** The calendar year in which the contract year began; the same for all where no contract year counts. */
  readonly contractYear: number;
  readonly first: Day;
  readonly days: number;
  /** In hundredths of an hour. */
  readonly hundredths: number;
}

/**
 * A record by years: its hours in proportion to the days, in whole hundredths, and together exactly its hours.
 * A session is one meeting, so all of it counts on its first day.
 * @param anniversary `MM-DD` on which a contract year begins; null where none counts
 */
export function portionsOf(record: TrainingRecord, cap: FormCap | null, anniversary: string | null): Portion[] {
  const first = dayOf(record.startsOn);
  const end = cap?.per === 'SESSION' ? first + 1 : dayOf(record.endsOn) + 1;
  const until = (day: Day) => Math.round((record.hours * 100 * (day - first)) / (end - first));
  const portions: Portion[] = [];
  for (let day = first; day < end; ) {
    const year = Number(dateOf(day).slice(0, 4));
    const next = Math.min(end, nextBoundary(day, year, anniversary));
    const contractYear = contractYearOf(day, cap, anniversary);
    portions.push({
      record,
      cap,
      year,
      contractYear,
      first: day,
      days: next - day,
      hundredths: until(next) - until(day),
    });
    day = next;
  }
  return portions;
}

/** The next first day of a calendar or contract year. 29 February falls on 1 March where there is none. */
function nextBoundary(day: Day, year: number, anniversary: string | null): Day {
  const newYear = dayOf(`${year + 1}-01-01`);
  const turn = anniversary === null ? newYear : dayOf(`${year}-${anniversary}`);
  return turn > day ? Math.min(turn, newYear) : newYear;
}

/**
 * A month whose sessions are limited is not cut in two by the anniversary: it belongs to the contract year in which it
 * began. Otherwise a longer session after the anniversary could push out a shorter one before it, find its own contract
 * year full, and a further record would have lowered the total.
 */
function contractYearOf(day: Day, cap: FormCap | null, anniversary: string | null): number {
  if (anniversary === null) return 0;
  const date = dateOf(day);
  const counted = cap?.per === 'SESSION' ? `${date.slice(0, 7)}-01` : date;
  return Number(counted.slice(0, 4)) - (counted.slice(5) < anniversary ? 1 : 0);
}
