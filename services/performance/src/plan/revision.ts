/** A change of an agreed plan, by those above its owner. Old and new are both kept and shown. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import { Decimal } from 'decimal.js';
import {
  type Agreed,
  checkDates,
  type Indicator,
  indicatorsOf,
  lackingIn,
  notAgreed,
  type Plan,
  type PlanEvent,
  refuseOwn,
} from './plan.js';

/** What may change in an agreed plan; what is absent stays. */
export type IndicatorChange = Partial<Pick<Indicator, 'name' | 'target' | 'unit' | 'evidenceSource' | 'dueDates'>>;

export interface Reviser {
  /** The employee who revises; null for one who is none. */
  readonly by: string | null;
  /** Whether it is a superior of the employee's own supervisor. */
  readonly isSuperior: boolean;
  /** How much of the period has passed, and after how much easing needs the superior: shares, 0 to 1. */
  readonly elapsed: number;
  readonly easingNeedsSuperiorAfter: number;
  readonly at: Date;
}

/**
 * Changes an indicator of an agreed plan; the old and the new are both kept and shown.
 * R5: late in the period only the appraiser's superior may make a target easier.
 * @throws PLAN_NOT_AGREED, OWN_RECORD, INDICATOR_NOT_FOUND, NOTHING_CHANGED, EASING_NEEDS_SUPERIOR, PLAN_INCOMPLETE, PLAN_DATES_INVALID
 */
export function revise(
  plan: Plan,
  indicatorId: string,
  change: IndicatorChange,
  reviser: Reviser,
): Decision<Agreed, PlanEvent> & { readonly before: Indicator; readonly after: Indicator } {
  if (plan.status !== 'AGREED') throw notAgreed();
  refuseOwn(plan, reviser.by);
  const found = indicatorsOf(plan).find(([, indicator]) => indicator.id === indicatorId);
  if (!found) throw new DomainError('INDICATOR_NOT_FOUND', 'There is no such indicator.', { field: 'indicatorId' });
  const [path, before] = found;
  const after: Indicator = { ...before, ...change };
  if (JSON.stringify(before) === JSON.stringify(after)) {
    throw new DomainError('NOTHING_CHANGED', 'The indicator is like this already.');
  }
  checkDates(after.dueDates, plan.span, path);
  const [lacking] = lackingIn(after);
  if (lacking)
    throw new DomainError('PLAN_INCOMPLETE', `An agreed indicator needs its ${lacking}.`, { field: lacking });
  if (eases(before, after) && reviser.elapsed > reviser.easingNeedsSuperiorAfter && !reviser.isSuperior) {
    throw new DomainError(
      'EASING_NEEDS_SUPERIOR',
      "So late in the period only the appraiser's superior makes a target easier.",
      {
        field: 'target',
        after: reviser.easingNeedsSuperiorAfter,
      },
    );
  }
  const workResults = plan.workResults.map((result) => ({
    ...result,
    indicators: result.indicators.map((indicator) => (indicator.id === indicatorId ? after : indicator)),
  }));
  const state: Agreed = { ...plan, workResults, version: plan.version + 1 };
  return { state, before, after, events: [{ type: 'PlanRevised', plan: state, revisedAt: reviser.at }] };
}

/** A lower target is easier, but for time and cost, where less is better. */
function eases(before: Indicator, after: Indicator): boolean {
  const [old, next] = [new Decimal(before.target ?? 0), new Decimal(after.target ?? 0)];
  return after.aspect === 'TIME' || after.aspect === 'COST' ? next.gt(old) : next.lt(old);
}
