/** The rules that the first migration lays down, as the rule functions take them. `rules.int.test.ts` holds them to it. */
import { Decimal } from 'decimal.js';
import type { ContractCap, EntitlementRule, FormCap, HourRules } from '../src/hours/rules.js';

const since = (validFrom: string, source: string) => ({ validFrom, source, verified: false });
const lan = since('2018-01-01', 'PerLAN 10/2018');
const day = (hours: number) => ({ per: 'DAY' as const, hours: new Decimal(hours) });
const activity = (hours: number) => ({ per: 'ACTIVITY' as const, hours: new Decimal(hours) });
const session = (hours: number, sessionsPerMonth: number) => ({
  per: 'SESSION' as const,
  hours: new Decimal(hours),
  sessionsPerMonth,
});

const forms: readonly FormCap[] = [
  { id: 1, form: null, ...day(8), ...since('1970-01-01', 'R12') },
  { id: 2, form: 'COACHING', ...session(2, 2), ...lan },
  { id: 3, form: 'MENTORING', ...session(2, 2), ...lan },
  { id: 4, form: 'MAGANG', ...activity(20), ...lan },
  { id: 5, form: 'DETASERING', ...activity(20), ...lan },
  { id: 6, form: 'PERTUKARAN', ...activity(20), ...lan },
  { id: 7, form: 'PATOK_BANDING', ...activity(10), ...lan },
  { id: 8, form: 'BELAJAR_MANDIRI', ...day(2), ...lan },
  { id: 9, form: 'KOMUNITAS_BELAJAR', ...day(2), ...lan },
];

const pppk = since('2018-11-28', 'PP 49/2018');
const contracts: readonly ContractCap[] = [
  { kind: 'PPPK', hours: new Decimal(24), ...pppk },
  { kind: 'PPPK_PARUH_WAKTU', hours: new Decimal(24), ...pppk },
];

const pns = since('2017-04-07', 'PP 11/2017');
const entitlements: readonly EntitlementRule[] = [
  { kind: 'PNS', hours: new Decimal(20), ...pns },
  { kind: 'CPNS', hours: new Decimal(20), ...pns },
  { kind: 'PPPK', hours: new Decimal(24), ...pppk },
  { kind: 'PPPK_PARUH_WAKTU', hours: new Decimal(24), ...pppk },
];

export const rules: HourRules = { forms, contracts, entitlements };
