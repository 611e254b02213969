/** A change of an agreed plan, by those above its owner. Old and new are both kept and shown. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import { monthsOf, type Span } from '../period/calendar.js';
import { Exact, ONE } from '../score/exact.js';
import { plannedShare } from '../score/work.js';
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
  /** The day of the revision, in the agency's time. */
  readonly today: LocalDate;
  readonly at: Date;
}

/**
 * Changes an indicator of an agreed plan; the old and the new are both kept and shown.
 * R5: late in the period only the appraiser's superior may make a target easier, be it by its figure or its due dates.
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
  const easier = easedIn(before, after, plan.span, reviser.today);
  if (easier && reviser.elapsed > reviser.easingNeedsSuperiorAfter && !reviser.isSuperior) {
    throw new DomainError(
      'EASING_NEEDS_SUPERIOR',
      "So late in the period only the appraiser's superior makes a target easier, or later due.",
      {
        field: easier,
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

/** What makes an indicator easier: its target, or its due dates when at this or a later month less is due than before. */
function easedIn(before: Indicator, after: Indicator, span: Span, today: LocalDate): 'target' | 'dueDates' | null {
  const [old, next] = [Exact.of(before.target ?? 0), Exact.of(after.target ?? 0)];
  // A lower target is easier, but for time and cost, where less is better.
  if (after.aspect === 'TIME' || after.aspect === 'COST' ? old.lt(next) : next.lt(old)) return 'target';
  const { aspect } = after;
  if (aspect === null || JSON.stringify(before.dueDates) === JSON.stringify(after.dueDates)) return null;
  // Quantities add up to what is due of the target; a level is due whole, or not yet.
  const [much, more] = aspect === 'QUANTITY' ? [old, next] : [ONE, ONE];
  const later = monthsOf({ from: `${today.slice(0, 7)}-01`, to: span.to }).some(({ from: monthBegun }) => {
    const at = { year: Number(span.from.slice(0, 4)), monthBegun, closed: false };
    const due = (dueDates: Indicator['dueDates'], of: Exact) => plannedShare({ aspect, dueDates }, span, at).times(of);
    return due(after.dueDates, more).lt(due(before.dueDates, much));
  });
  return later ? 'dueDates' : null;
}
