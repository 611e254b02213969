/** The figures that decide which hours count: effective-dated data, kept in the database and passed in. */

import { groupBy } from '@merit/chassis/group-by';
import type { LocalDate } from '@merit/chassis/local-date';
import type { Decimal } from 'decimal.js';

const EMPLOYMENT_KINDS = ['PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU'] as const;
/** The kinds of civil servants (Pegawai ASN). */
export type EmploymentKind = (typeof EMPLOYMENT_KINDS)[number];

interface Rule {
  /** First day on which the rule holds, until a later one for the same thing does. */
  readonly validFrom: LocalDate;
  /** The regulation and where it was read. */
  readonly source: string;
  /** Whether the figure was read in the regulation or in a text that quotes it. */
  readonly verified: boolean;
}

/** What trainings of a form may count for. The rule without a form is for every form that has none of its own. */
export type FormCap = Rule & { readonly id: number; readonly form: string | null; readonly hours: Decimal } & (
    | { readonly per: 'DAY' }
    | { readonly per: 'ACTIVITY' }
    /** One record is one session; of a form's sessions in a calendar month, so many count. */
    | { readonly per: 'SESSION'; readonly sessionsPerMonth: number }
  );

/** The most that counts for a kind of employment in one year of contract (PP 49/2018). */
export type ContractCap = Rule & { readonly kind: EmploymentKind; readonly hours: Decimal };

/** What a kind of employment is entitled to in a full calendar year (§ 49 UU 20/2023, PP 11/2017, PP 49/2018). */
export type EntitlementRule = Rule & { readonly kind: EmploymentKind; readonly hours: Decimal };

export interface HourRules {
  readonly forms: readonly FormCap[];
  readonly contracts: readonly ContractCap[];
  readonly entitlements: readonly EntitlementRule[];
}

/** The rule in force on a day: the latest that had begun, or none. */
export const inForce = <R extends Rule>(rules: readonly R[], on: LocalDate): R | null =>
  rules.reduce<R | null>(
    (best, rule) => (rule.validFrom <= on && (best === null || best.validFrom < rule.validFrom) ? rule : best),
    null,
  );

/** The rule that a training of a form falls under: its form's own or, having none, that for all others; never both. */
export function formCaps(rules: readonly FormCap[]): (form: string, on: LocalDate) => FormCap | null {
  const byForm = groupBy(rules, ({ form }) => form);
  const ruleOf = (form: string | null, on: LocalDate) => inForce(byForm.get(form) ?? [], on);
  return (form, on) => ruleOf(form, on) ?? ruleOf(null, on);
}
