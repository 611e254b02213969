/** R11: what is due shrinks with the days on which a person was at work. */
import { addDays } from '@merit/chassis/local-date';
import { daysIn, daysOf, monthsOf, nextMonth, OPEN, type Span, within, yearSpan } from '../period/calendar.js';
import { Exact, sum } from './exact.js';
import type { Checkpoint, Person } from './facts.js';

/** Months as shares: each month counts its days in the spans ÷ the days of that month. */
export interface Months {
  readonly total: Exact;
  /** Of these, without the days away. */
  readonly available: Exact;
}

/** The months that spans cover, and how much of them the person was at work. Overlapping absences take a day once. */
export function monthsAtWork(spans: readonly Span[], absences: readonly Span[]): Months {
  const months = spans.flatMap(monthsOf).map((month) => ({ month, of: month.days, days: daysIn(month) }));
  const total = inMonths(months.map(({ of, days }) => [of, days]));
  if (absences.length === 0) return { total, available: total };
  return {
    total,
    available: inMonths(months.map(({ month, of, days }) => [of, days - daysOf(within(absences, month))])),
  };
}

/**
 * The months of a span of service, each whole however few of its days were served, as the entitlement to learn counts
 * them, but for the share of these days that the person was away (R11).
 */
export function monthsServed(service: Span, absences: readonly Span[]): Exact {
  if (absences.length === 0) return Exact.of(monthsOf(service).length);
  return inMonths(
    monthsOf(service).map((month): [number, number] => {
      const served = daysIn(month);
      return [served, served - daysOf(within(absences, month))];
    }),
  );
}

/** Days of months of so many days, as months. Days of months of one length are added before they are divided: faster, and a whole month is 1. */
function inMonths(days: readonly (readonly [of: number, days: number])[]): Exact {
  const byLength = new Map<number, number>();
  for (const [of, n] of days) byLength.set(of, (byLength.get(of) ?? 0) + n);
  return sum([...byLength].map(([of, n]) => (n % of === 0 ? Exact.of(n / of) : Exact.of(n).div(of))));
}

/** The part of the year whose months have begun, the last of them whole; null before the first. */
export function begunSpan({ year, monthBegun }: Pick<Checkpoint, 'year' | 'monthBegun'>): Span | null {
  if (!monthBegun) return null;
  return { from: yearSpan(year).from, to: addDays(nextMonth(monthBegun), -1) };
}

/** From the first to the last day of a person's service. */
export const serviceSpan = ({ serviceFrom, leftOn }: Person): Span => ({ from: serviceFrom, to: leftOn ?? OPEN });

/** The days of a person's service with one agency. Before the first known employment it is that one's. */
export function employmentSpans(person: Person, agencyId: string): Span[] {
  const steps = [...person.employments].sort((a, b) => (a.from < b.from ? -1 : 1));
  const spans = steps.map((step, n) => ({
    agencyId: step.agencyId,
    from: n === 0 ? person.serviceFrom : step.from,
    to: steps[n + 1] ? addDays(steps[n + 1]!.from, -1) : OPEN,
  }));
  return within(
    spans.filter((span) => span.agencyId === agencyId),
    serviceSpan(person),
  );
}
