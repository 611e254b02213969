/** How far a change in a person's trainings reaches. */
import { type LocalDate, yearOf } from '@merit/chassis/local-date';
import type { ContractCap, EmploymentKind } from './rules.js';

/** Calendar years from one to another, both included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const ALL_YEARS: Span = { from: 1, to: 9999 };

export const inSpan = ({ from, to }: Span, year: number): boolean => from <= year && year <= to;

/** Person → the years in which something of theirs changed. */
export function spansOf(
  changes: readonly { readonly employeeId: string; readonly startsOn: LocalDate; readonly endsOn: LocalDate }[],
): Map<string, Span> {
  const spans = new Map<string, Span>();
  for (const { employeeId, startsOn, endsOn } of changes) {
    const { from, to } = spans.get(employeeId) ?? { from: 9999, to: 0 };
    spans.set(employeeId, { from: Math.min(from, yearOf(startsOn)), to: Math.max(to, yearOf(endsOn)) });
  }
  return spans;
}

export interface Reach {
  /** Years whose ledgers can be moved by the change. */
  readonly ledgers: Span;
  /** Years all of whose records it takes to count those ledgers. */
  readonly records: Span;
}

/**
 * Calendar years are counted apart, but that the cap of a contract year binds two of them together: there a change
 * reaches a year further on each side, and what decides those ledgers comes from yet one further.
 */
export function reachOf(span: Span, kind: EmploymentKind, contracts: readonly ContractCap[]): Reach {
  const bound = contracts.some((cap) => cap.kind === kind) ? 1 : 0;
  return { ledgers: widen(span, bound), records: widen(span, 2 * bound) };
}

const widen = ({ from, to }: Span, years: number): Span => ({
  from: Math.max(ALL_YEARS.from, from - years),
  to: Math.min(ALL_YEARS.to, to + years),
});
