/**
 * Which learning hours (JP) count, and how many. Pure: records, rules and the person come in, figures go out.
 *
 * Regulations: UU 20/2023 art. 49, PP 11/2017, PP 49/2018, PerLAN 10/2018; every figure of theirs is data (`rules.ts`).
 */

import { groupBy } from '@merit/chassis/group-by';
import { applyContractCaps, applyFormCaps, type Slice } from './caps.js';
import { type Portion, portionsOf } from './portion.js';
import type { Learner, TrainingRecord } from './record.js';
import { type ContractCap, formCaps, type HourRules } from './rules.js';
import { roundDown, type YearCount, yearCount } from './year-count.js';

/**
 * The hours that count, by calendar year.
 *
 * Verified records only. A training's hours are spread evenly over its days. It falls under its form's cap or, having
 * none, under the cap of a day, in which overlapping times count once. Around that lies the cap of a contract year
 * (PPPK). Caps are filled by day, then id, so the order in which records were entered makes no difference; of sessions
 * limited by month the longest count. A further record never lowers the total: that of each calendar year or, where
 * a contract year binds two calendar years together, that of both.
 */
export function countHours(
  records: readonly TrainingRecord[],
  rules: Pick<HourRules, 'forms' | 'contracts'>,
  learner: Learner,
): ReadonlyMap<number, YearCount> {
  const contracts = rules.contracts.filter(({ kind }) => kind === learner.kind);
  const anniversary = anniversaryOf(contracts, learner);
  const capOf = formCaps(rules.forms);
  const portions = records.flatMap((record) => portionsOf(record, capOf(record.form, record.startsOn), anniversary));
  const scale = scaleOf(portions);
  const slices = portions.flatMap((portion) => slicesOf(portion, scale)).sort(byDayThenId);
  applyFormCaps(slices, scale);
  const parts = roundDown(slices, scale);
  if (anniversary !== null) applyContractCaps(parts, contracts, anniversary, scale);
  const years = [...groupBy(parts, ({ portion }) => portion.year)].sort(([a], [b]) => a - b);
  return new Map(years.map(([year, its]) => [year, yearCount(year, its, scale)]));
}

/** `MM-DD` on which contract years begin, for those whose hours are capped by them. */
const anniversaryOf = (contracts: readonly ContractCap[], { contractFrom, serviceFrom }: Learner): string | null =>
  contracts.length === 0 ? null : (contractFrom ?? serviceFrom).slice(5);

function byDayThenId(a: Slice, b: Slice): number {
  if (a.day !== b.day) return a.day - b.day;
  const [left, right] = [a.portion.record.id, b.portion.record.id];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Units in a hundredth of an hour: divisible by every number of days and of minutes that something is spread over. */
function scaleOf(portions: readonly Portion[]): bigint {
  const meetings = portions.flatMap(({ record: { meets } }) => (meets ? [meets.to - meets.from] : []));
  return lcm(portions.map(({ days }) => days)) * lcm(meetings);
}

const lcm = (numbers: readonly number[]): bigint =>
  [...new Set(numbers)].map(BigInt).reduce((multiple, n) => (multiple * n) / gcd(multiple, n), 1n);
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

function slicesOf(portion: Portion, scale: bigint): Slice[] {
  const share = (BigInt(portion.hundredths) * scale) / BigInt(portion.days);
  const { verified } = portion.record;
  return Array.from({ length: portion.days }, (_, i) => ({
    portion,
    day: portion.first + i,
    left: verified ? share : 0n,
    lost: verified ? null : new Map([['NOT_VERIFIED', share]]),
  }));
}
