/** Spans of days and months of an agency's calendar. Dates are text, so no machine's time zone can slip in. */
import { addDays, daysFrom, type LocalDate, yearOf } from '@merit/chassis/local-date';

/** Days from `from` to `to`, both included. */
export interface Span {
  readonly from: LocalDate;
  readonly to: LocalDate;
}

/** A calendar month, or the part of one that a span covers, with the number of days of the whole month. */
export interface Month extends Span {
  readonly days: number;
}

/** The last day of a span that has no end yet. */
export const OPEN: LocalDate = '9999-12-31';

/** The earlier of two days. */
export function earlier(a: LocalDate, b: LocalDate): LocalDate {
  if (a < b) return a;
  return b;
}

/** The later of two days. */
export function later(a: LocalDate, b: LocalDate): LocalDate {
  if (a > b) return a;
  return b;
}

/** Days in a span; 0 when it ends before it begins. */
export const daysIn = (span: Span): number => Math.max(0, daysFrom(span.from, span.to));

/** The days that two spans share, or null. */
export function overlap(a: Span, b: Span): Span | null {
  const from = later(a.from, b.from);
  const to = earlier(a.to, b.to);
  return from <= to ? { from, to } : null;
}

/** The same days as spans that neither touch nor overlap, in order. */
export function union(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = merged.at(-1);
    if (span.from > span.to) continue;
    if (last && (last.to === OPEN || span.from <= addDays(last.to, 1))) {
      merged[merged.length - 1] = { from: last.from, to: later(last.to, span.to) };
    } else merged.push({ from: span.from, to: span.to });
  }
  return merged;
}

/** The parts of the spans that lie within one span, merged. */
export const within = (spans: readonly Span[], bounds: Span): Span[] =>
  union(spans.flatMap((span) => overlap(span, bounds) ?? []));

/** The days of the first spans that are in none of the second, merged. */
export function without(spans: readonly Span[], taken: readonly Span[]): Span[] {
  return union(taken).reduce<Span[]>(
    (left, hole) =>
      left.flatMap((span) => {
        if (!overlap(span, hole)) return [span];
        const before = { from: span.from, to: addDays(hole.from, -1) };
        const after = hole.to === OPEN ? null : { from: addDays(hole.to, 1), to: span.to };
        return [before, ...(after ? [after] : [])].filter(({ from, to }) => from <= to);
      }),
    union(spans),
  );
}

/** Days in spans, each day once. */
export const daysOf = (spans: readonly Span[]): number => union(spans).reduce((sum, span) => sum + daysIn(span), 0);

/** Whether a day lies in one of the spans. */
export const holds = (spans: readonly Span[], date: LocalDate): boolean =>
  spans.some(({ from, to }) => from <= date && date <= to);

/** The whole of a calendar year. */
export const yearSpan = (year: number): Span => ({ from: `${pad(year, 4)}-01-01`, to: `${pad(year, 4)}-12-31` });

/** The months that a span touches, each cut to the span. Kept, for the months begun of a year are nearly everyone's. */
export function monthsOf(span: Span): readonly Month[] {
  const name = `${span.from} ${span.to}`;
  const known = months.get(name);
  if (known) return known;
  if (months.size >= 10_000) months.clear();
  const found = findMonths(span);
  months.set(name, found);
  return found;
}

const months = new Map<string, readonly Month[]>();

function findMonths(span: Span): Month[] {
  const found: Month[] = [];
  for (let first = `${span.from.slice(0, 7)}-01`; first <= span.to; ) {
    const next = nextMonth(first);
    const last = addDays(next, -1);
    const part = overlap(span, { from: first, to: last });
    if (part) found.push({ ...part, days: daysFrom(first, last) });
    first = next;
  }
  return found;
}

/** The first day of the month after the one that a day lies in. */
export function nextMonth(date: LocalDate): LocalDate {
  const [year, month] = [yearOf(date), Number(date.slice(5, 7))];
  return month === 12 ? `${pad(year + 1, 4)}-01-01` : `${pad(year, 4)}-${pad(month + 1, 2)}-01`;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
