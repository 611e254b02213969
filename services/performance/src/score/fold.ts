/**
 * The score (Indeks Capaian Berjalan): facts in, parts out. The only scoring code there is.
 *
 * Pure, total and deterministic: any order of facts, and any fact twice, gives the same score to the
 * last digit. Figures come from the policy, time from the checkpoint.
 */
import { type Span, within } from '../period/calendar.js';
import { COMPONENTS, type Component, type ScoreBand, type ScoringRules } from '../policy/policy.js';
import { begunSpan, monthsAtWork, serviceSpan } from './availability.js';
import { Exact, halfUp, ONE, sum, ZERO } from './exact.js';
import type {
  Attained,
  Checkpoint,
  HoursFact,
  LeadingFact,
  Person,
  PlanFact,
  RealisationFact,
  ServingFact,
  Source,
} from './facts.js';
import { learning } from './learning.js';
import { publicFeedback } from './public.js';
import type { Standing } from './standing.js';
import { workResults } from './work.js';

/** All that is known of a person in a year. */
export interface Facts {
  readonly person: Person;
  readonly absences: readonly Span[];
  readonly plans: readonly PlanFact[];
  readonly realisations: readonly RealisationFact[];
  readonly hours: readonly HoursFact[];
  readonly serving: readonly ServingFact[];
  readonly leading: readonly LeadingFact[];
  /** Of the services that the person serves, and of those of the units that the person leads. */
  readonly services: readonly Standing[];
}

/** One component's part in a score. Figures are decimals with two places, the weight before renormalisation. */
export interface Part {
  readonly component: Component;
  readonly weight: string;
  readonly attainment: string | null;
  readonly contribution: string;
  readonly note: string | null;
  readonly sources: readonly Source[];
}

export interface Score {
  /** 0 to 100, two places. */
  readonly value: string;
  readonly band: ScoreBand | null;
  /** The share (0 to 1) of the policy's weights in use, four places. */
  readonly coverage: string;
  readonly parts: readonly Part[];
}

/** The score of a person at a checkpoint; null with no component at all (R1). */
export function fold(facts: Facts, rules: ScoringRules, checkpoint: Checkpoint): Score | null {
  const parts = attain(facts, rules, checkpoint);
  const used = parts.filter(({ attainment }) => attainment);
  const inUse = sum(used.map(({ weight }) => weight));
  if (inUse.isZero()) return null;
  const shares = parts.map(({ weight, attainment }) => (attainment ? weight.times(attainment).div(inUse) : ZERO));
  const value = halfUp(sum(shares), PLACES);
  const { total, texts } = weightsOf(rules);
  const coverage = inUse.div(total);
  const contributions = largestRemainder(shares, value);
  return {
    value: value.toFixed(PLACES),
    band: bandOf(value, coverage, facts, rules, checkpoint),
    coverage: halfUp(coverage, 4).toFixed(4),
    parts: parts.map(({ component, share, weight, attainment, note, sources }, n) => ({
      component,
      weight: share === ONE ? texts[component] : halfUp(weight, PLACES).toFixed(PLACES),
      attainment: attainment ? halfUp(attainment, PLACES).toFixed(PLACES) : null,
      contribution: contributions[n]!.toFixed(PLACES),
      note,
      sources,
    })),
  };
}

/** The places that a score shows, and one of the last of them. */
const PLACES = 2;
const UNIT = Exact.of('0.01');

type Weighed = Attained & { readonly component: Component; readonly weight: Exact };

function attain(facts: Facts, rules: ScoringRules, checkpoint: Checkpoint): Weighed[] {
  const attained: Partial<Record<Component, Attained>> = {
    WORK_RESULTS: workResults(facts, rules.workResults, checkpoint),
    COMPETENCY: learning(facts, checkpoint),
    PUBLIC_FEEDBACK: publicFeedback({ ...facts, employeeId: facts.person.employeeId }, rules, checkpoint),
  };
  const { weights } = weightsOf(rules);
  return COMPONENTS.map((component) => {
    const { attainment, share, note, sources } = attained[component] ?? NOTHING_KNOWN;
    const whole = weights[component];
    return { attainment, share, note, sources, component, weight: share === ONE ? whole : share.times(whole) };
  });
}

/** A policy's weights as the fold computes with them. */
interface Weights {
  readonly weights: Readonly<Record<Component, Exact>>;
  /** As a score shows them. */
  readonly texts: Readonly<Record<Component, string>>;
  readonly total: Exact;
}
const kept = new WeakMap<ScoringRules, Weights>();

/** Kept as long as the rules are: the same for thousands of people, and a third of a fold's time. */
function weightsOf(rules: ScoringRules): Weights {
  const known = kept.get(rules);
  if (known) return known;
  const weights = COMPONENTS.map((component) => [component, Exact.of(rules.weights[component])] as const);
  const found = {
    weights: Object.fromEntries(weights) as Weights['weights'],
    texts: Object.fromEntries(
      weights.map(([component, weight]) => [component, halfUp(weight, PLACES).toFixed(PLACES)]),
    ) as Weights['texts'],
    total: sum(weights.map(([, weight]) => weight)),
  };
  kept.set(rules, found);
  return found;
}

const NOTHING_KNOWN: Attained = { attainment: null, share: ONE, note: 'left out: no data', sources: [] };

/**
 * Rounds the shares so that they add up to the value: each is cut to its places, and what is missing goes,
 * a last place at a time, to those that lost most; of equals to the first.
 */
export function largestRemainder(shares: readonly Exact[], value: Exact): Exact[] {
  const exact = shares.map((share) => halfUp(share, 30));
  const cut = exact.map((share) => share.cut(PLACES));
  const missing = value.minus(sum(cut)).div(UNIT).toNumber();
  if (missing === 0) return cut;
  const byLoss = exact
    .map((share, n) => ({ n, lost: share.minus(cut[n]!) }))
    .sort((a, b) => b.lost.cmp(a.lost) || a.n - b.n);
  for (const { n } of byLoss.slice(0, missing)) cut[n] = cut[n]!.plus(UNIT);
  return cut;
}

/** No band while too little of the policy is in use (R1) or the person was at work too little (R11). */
function bandOf(
  value: Exact,
  coverage: Exact,
  facts: Facts,
  rules: ScoringRules,
  checkpoint: Checkpoint,
): ScoreBand | null {
  if (coverage.lt(rules.bandNeeds.coverage)) return null;
  const begun = begunSpan(checkpoint);
  const months = monthsAtWork(begun ? within([serviceSpan(facts.person)], begun) : [], facts.absences);
  if (months.available.lt(months.total.times(rules.bandNeeds.availability))) return null;
  return rules.bands.find(({ from }) => value.gte(from))?.band ?? null;
}
