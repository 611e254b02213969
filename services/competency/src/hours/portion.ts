import { type Day, dayOf, type LocalDate, yearOf } from '@merit/chassis/local-date';
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
  const { hours, startsOn } = record;
  const endsOn = cap?.per === 'SESSION' ? startsOn : record.endsOn;
  const first = dayOf(startsOn);
  const total = dayOf(endsOn) + 1 - first;
  const until = (day: Day) => Math.round((hours * 100 * (day - first)) / total);
  const portions: Portion[] = [];
  for (let [date, day] = [startsOn, first]; day < first + total; ) {
    const turn = nextTurn(date, anniversary);
    const next = endsOn < turn ? first + total : dayOf(turn);
    const years = { year: yearOf(date), contractYear: contractYearOf(date, cap, anniversary) };
    portions.push({ record, cap, ...years, first: day, days: next - day, hundredths: until(next) - until(day) });
    [date, day] = [turn, next];
  }
  return portions;
}

/** The next first day of a calendar or contract year. */
function nextTurn(date: LocalDate, anniversary: string | null): LocalDate {
  const year = yearOf(date);
  return anniversary !== null && date.slice(5) < anniversary ? `${year}-${anniversary}` : `${year + 1}-01-01`;
}

/**
 * A month whose sessions are limited is not cut in two by the anniversary: it belongs to the contract year in which it
 * began. Otherwise a longer session after the anniversary could push out a shorter one before it, find its own contract
 * year full, and a further record would have lowered the total.
 */
function contractYearOf(date: LocalDate, cap: FormCap | null, anniversary: string | null): number {
  if (anniversary === null) return 0;
  const day = cap?.per === 'SESSION' ? '01' : date.slice(8);
  return yearOf(date) - (`${date.slice(5, 8)}${day}` < anniversary ? 1 : 0);
}
