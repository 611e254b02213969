/** The component W: work results, by R1 to R4. */
import { overlap, type Span, within, yearSpan } from '../period/calendar.js';
import type { ScoringRules } from '../policy/policy.js';
import { begunSpan, employmentSpans, type Months, monthsAtWork } from './availability.js';
import { clamp, Exact, HUNDRED, halfUp, mean, ONE, sum, ZERO } from './exact.js';
import {
  type Attained,
  type Checkpoint,
  type IndicatorFact,
  inOrder,
  newest,
  type Person,
  type PlanFact,
  type RealisationFact,
  type Source,
  type WorkResultFact,
} from './facts.js';

export interface WorkFacts {
  readonly person: Person;
  readonly absences: readonly Span[];
  readonly plans: readonly PlanFact[];
  readonly realisations: readonly RealisationFact[];
}

/** R4: W = max(U, main · U + additional · T), so additional work can lift and never drown. Nothing due, left out (R1, R2). */
export function workResults(facts: WorkFacts, rules: ScoringRules['workResults'], checkpoint: Checkpoint): Attained {
  const plans = newest(facts.plans, (plan) => plan.planId);
  const realised = byIndicator(facts.realisations);
  const results = plans.flatMap((plan) => {
    const due = timeOf(plan, facts, checkpoint);
    return plan.workResults.map((result) => attainResult(result, due, realised));
  });
  const of = (kind: WorkResultFact['kind']) =>
    mean(results.flatMap((result) => (result.kind === kind && result.attainment ? [result.attainment] : [])));
  const [main, additional] = [of('UTAMA'), of('TAMBAHAN')];
  const sources = inOrder(results.flatMap((result) => result.sources));
  if (!main) return { attainment: null, share: ONE, note: leftOut(plans.length), sources };
  const lifted = additional ? main.times(rules.main).plus(additional.times(rules.additional)) : main;
  return {
    attainment: Exact.max(main, lifted).times(HUNDRED),
    share: ONE,
    note: additional ? `main results ${percent(main)}, additional ${percent(additional)}` : null,
    sources,
  };
}

const leftOut = (plans: number) =>
  plans === 0 ? 'left out: no plan is agreed' : 'left out: no main result is due yet';
const percent = (share: Exact) => `${halfUp(share.times(HUNDRED), 2)} %`;

/** How far the time of a plan has come. */
interface PlanTime {
  /** Months of the whole plan. */
  readonly planned: Exact;
  /** Those begun and spent with the plan's agency, in all and at work. */
  readonly begun: Months;
  readonly checkpoint: Omit<Checkpoint, 'timeZone'>;
}

function timeOf(plan: PlanFact, { person, absences }: WorkFacts, checkpoint: Checkpoint): PlanTime {
  const span = overlap(plan.span, yearSpan(checkpoint.year));
  const begun = begunSpan(checkpoint);
  const spent = span && begun ? within(within(employmentSpans(person, plan.agencyId), span), begun) : [];
  return { planned: monthsAtWork(span ? [span] : [], []).total, begun: monthsAtWork(spent, absences), checkpoint };
}

/** R2: the share of an indicator's target that is due: by its dates that are past or, without dates, by months begun. */
function dueShare({ aspect, dueDates }: Pick<IndicatorFact, 'aspect' | 'dueDates'>, time: PlanTime): Exact {
  const { planned, begun, checkpoint } = time;
  if (begun.available.isZero()) return ZERO;
  const past = (date: string) => checkpoint.closed || (checkpoint.monthBegun !== null && date < checkpoint.monthBegun);
  const passed = dueDates.filter(past).length;
  if (aspect !== 'QUANTITY') return dueDates.length === 0 || passed > 0 ? ONE : ZERO;
  const atWork = begun.available.div(begun.total);
  if (dueDates.length > 0) return Exact.of(passed).div(dueDates.length).times(atWork);
  return begun.total.div(planned).times(atWork);
}

/** R2: the share of a planned indicator's target that is due at a checkpoint of someone who is there throughout. */
export function plannedShare(
  indicator: Pick<IndicatorFact, 'aspect' | 'dueDates'>,
  span: Span,
  at: PlanTime['checkpoint'],
): Exact {
  const begun = begunSpan(at);
  const planned = monthsAtWork([span], []);
  return dueShare(indicator, {
    planned: planned.total,
    begun: monthsAtWork(begun ? within([span], begun) : [], []),
    checkpoint: at,
  });
}

interface Result {
  readonly kind: WorkResultFact['kind'];
  readonly attainment: Exact | null;
  readonly sources: readonly Source[];
}

/** R3: a work result is the mean of its indicators, those without anything due left out. */
function attainResult(
  result: WorkResultFact,
  time: PlanTime,
  realised: ReadonlyMap<string, readonly RealisationFact[]>,
): Result {
  const indicators = result.indicators.map((indicator) =>
    attainIndicator(indicator, dueShare(indicator, time), realised.get(indicator.id) ?? []),
  );
  return {
    kind: result.kind,
    attainment: mean(indicators.flatMap(({ attainment }) => attainment ?? [])),
    sources: indicators.flatMap(({ sources }) => sources),
  };
}

function attainIndicator(indicator: IndicatorFact, share: Exact, realised: readonly RealisationFact[]) {
  const target = Exact.of(indicator.target);
  const quantities = realised.map(({ quantity }) => Exact.of(quantity));
  if (share.isZero()) return { attainment: null, sources: realised.map((fact) => source(fact, ZERO, 'NOT_DUE')) };
  if (indicator.aspect === 'QUANTITY') {
    const due = target.times(share);
    return { attainment: more(sum(quantities), due), sources: upTo(realised, due) };
  }
  const level = mean(quantities);
  const attainment = indicator.aspect === 'QUALITY' ? more(level ?? ZERO, target) : less(level, target);
  return { attainment, sources: realised.map((fact) => source(fact, Exact.of(fact.quantity), null)) };
}

/** R3, more is better: min(1, realised ÷ due). Nothing due is not counted. */
const more = (realised: Exact, due: Exact): Exact | null => (due.isZero() ? null : clamp(realised.div(due), ZERO, ONE));

/** R3, less is better: max(0, min(1, (2T − R) ÷ T)); a target of 0 is met by 0 alone. Due without a realisation gives 0. */
function less(realised: Exact | null, target: Exact): Exact {
  if (!realised) return ZERO;
  if (target.isZero()) return realised.isZero() ? ONE : ZERO;
  return clamp(target.times(2).minus(realised).div(target), ZERO, ONE);
}

/** The realisations with what of each counts, the earliest first, until what is due is reached. */
function upTo(realised: readonly RealisationFact[], due: Exact): Source[] {
  let left = due;
  return realised.map((fact) => {
    const quantity = Exact.of(fact.quantity);
    const counted = Exact.min(quantity, left);
    left = left.minus(counted);
    return source(fact, counted, counted.lt(quantity) ? 'MORE_THAN_DUE' : null);
  });
}

const source = (fact: RealisationFact, counted: Exact, reason: string | null): Source => ({
  eventId: fact.eventId,
  type: 'RealisationReported',
  quantity: Exact.of(fact.quantity).toString(),
  counted: halfUp(counted, 4).toString(),
  reason,
  occurredAt: fact.occurredAt.toISOString(),
  actor: fact.actor,
});

/** Each indicator's realisations that no other replaces, once, by day. */
function byIndicator(facts: readonly RealisationFact[]): Map<string, RealisationFact[]> {
  const replaced = new Set(facts.map((fact) => fact.replaces));
  const once = new Map(facts.map((fact) => [fact.realisationId, fact]));
  const key = (fact: RealisationFact) => `${fact.realisedOn} ${fact.realisationId}`;
  const inDays = [...once.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const grouped = new Map<string, RealisationFact[]>();
  for (const fact of inDays) {
    if (replaced.has(fact.realisationId)) continue;
    const group = grouped.get(fact.indicatorId);
    if (group) group.push(fact);
    else grouped.set(fact.indicatorId, [fact]);
  }
  return grouped;
}
