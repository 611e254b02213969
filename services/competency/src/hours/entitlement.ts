/** What a person is entitled to learn in a calendar year (UU 20/2023 art. 49; PP 11/2017; PP 49/2018). */
import type { LocalDate } from '@merit/chassis/local-date';
import { Decimal } from 'decimal.js';
import { type EmploymentKind, type EntitlementRule, inForce } from './rules.js';

/** Hours (JP) of a full calendar year, by the rule in force on its first day; 0 while there is none. */
export function entitlementOf(rules: readonly EntitlementRule[], kind: EmploymentKind, year: number): Decimal {
  const rule = inForce(
    rules.filter((one) => one.kind === kind),
    `${year}-01-01`,
  );
  return rule?.hours ?? new Decimal(0);
}

/** The months of a calendar year in which the person served at least a day: 0 to 12. */
export function monthsOfService(serviceFrom: LocalDate, leftOn: LocalDate | null, year: number): number {
  const month = (date: LocalDate) => (Number(date.slice(0, 4)) - year) * 12 + Number(date.slice(5, 7));
  const first = Math.max(1, month(serviceFrom));
  const last = leftOn === null ? 12 : Math.min(12, month(leftOn));
  return Math.max(0, last - first + 1);
}

export interface Standing {
  /** By months of service, to hundredths of an hour, half up. */
  readonly entitlement: Decimal;
  /** What is missing to it; never below 0. */
  readonly shortfall: Decimal;
}

/** A full year's entitlement by months of service, beside what counted. */
export function standing(fullYear: Decimal, months: number, counted: Decimal): Standing {
  const entitlement = fullYear.times(months).div(12).toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
  return { entitlement, shortfall: Decimal.max(0, entitlement.minus(counted)) };
}
