import { prepared } from '@merit/chassis/prepared';
import { Decimal } from 'decimal.js';
import type { DataSource, EntityManager } from 'typeorm';
import type { ContractCap, EntitlementRule, FormCap, HourRules } from './rules.js';

interface RuleRow {
  readonly id: number;
  readonly form: string | null;
  readonly kind: string;
  readonly per: string;
  readonly hours: string;
  readonly sessions_per_month: number | null;
  readonly valid_from: string;
  readonly source: string;
  readonly verified: boolean;
}

/** All rules about hours, in one statement: a few dozen rows, read where they are used, so that a new one holds at once. */
export async function hourRules(db: DataSource | EntityManager): Promise<HourRules> {
  const [row]: Record<'forms' | 'contracts' | 'entitlements', RuleRow[]>[] = await prepared(
    db,
    `select (select jsonb_agg(to_jsonb(c) || jsonb_build_object('hours', c.hours::text)) from hour_cap c) as forms,
            (select jsonb_agg(to_jsonb(c) || jsonb_build_object('hours', c.hours::text)) from contract_cap c) as contracts,
            (select jsonb_agg(to_jsonb(e) || jsonb_build_object('hours', e.hours::text)) from learning_entitlement e)
              as entitlements`,
  );
  return {
    forms: row!.forms.map((one) => ({ ...ruleOf(one), id: one.id, form: one.form, ...perOf(one) }) as FormCap),
    contracts: row!.contracts.map((one) => ({ ...ruleOf(one), kind: one.kind }) as ContractCap),
    entitlements: row!.entitlements.map((one) => ({ ...ruleOf(one), kind: one.kind }) as EntitlementRule),
  };
}

const ruleOf = ({ hours, valid_from, source, verified }: RuleRow) => ({
  hours: new Decimal(hours),
  validFrom: valid_from,
  source,
  verified,
});
const perOf = ({ per, sessions_per_month }: RuleRow) =>
  per === 'SESSION' ? { per, sessionsPerMonth: sessions_per_month } : { per };
