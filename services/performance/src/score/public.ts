/** The component P: what the public says, by R6 to R9. */
import { addDays } from '@merit/chassis/local-date';
import { daysOf, earlier, holds, later, type Span, yearSpan } from '../period/calendar.js';
import type { Element, ScoringRules } from '../policy/policy.js';
import { begunSpan } from './availability.js';
import { Exact, HUNDRED, halfUp, mean, ONE, sum, ZERO } from './exact.js';
import { type Attained, type Checkpoint, inOrder, type Source } from './facts.js';
import { type Role, type RoleFacts, rolesOf } from './roles.js';
import type { Outcome } from './standing.js';

type Rules = Pick<ScoringRules, 'satisfaction' | 'complaints'>;

/** P: satisfaction and complaints in their shares, or the one there is; weighed by the days on which the person served any (R6). */
export function publicFeedback(facts: RoleFacts, rules: Rules, checkpoint: Checkpoint): Attained {
  const window = windowOf(facts, checkpoint);
  const roles = window ? rolesOf(facts, window) : [];
  if (!window || roles.length === 0) return leftOut(ONE, ['serves no public service'], []);
  const share = Exact.of(daysOf(roles.flatMap(({ spans }) => spans))).div(daysOf([window]));
  const views = roles.map((role) => viewOf(role, rules.satisfaction, checkpoint.closed));
  const satisfaction = byDays(views);
  const complaints = complaintsOf(facts, rules.complaints, checkpoint);
  const sources = inOrder([...views.flatMap((view) => view.sources), ...complaints.sources]);
  const notes = [
    ...new Set([...views.flatMap(({ note }) => note ?? []), ...(complaints.note ? [complaints.note] : [])]),
  ];
  const attainment = mix(satisfaction, complaints.attainment, views, rules);
  if (!attainment) return leftOut(share, notes, sources);
  return { attainment, share, note: notes.length > 0 ? notes.join('; ') : null, sources };
}

const leftOut = (share: Exact, notes: readonly string[], sources: readonly Source[]): Attained => ({
  attainment: null,
  share,
  note: `left out: ${notes.join('; ')}`,
  sources,
});

/**
 * From 1 January to the end of the last month that is over, or to that of the latest measurement where
 * that is later; in January, when none is over, the month begun. The whole year once it is closed.
 */
function windowOf({ services }: RoleFacts, checkpoint: Checkpoint): Span | null {
  const begun = begunSpan(checkpoint);
  if (!begun || !checkpoint.monthBegun) return null;
  const { from, to } = yearSpan(checkpoint.year);
  if (checkpoint.closed) return { from, to };
  const ends = [addDays(checkpoint.monthBegun, -1), ...services.flatMap(({ measured }) => measured?.window.to ?? [])];
  const last = ends.reduce(later);
  return { from, to: last < from ? begun.to : earlier(last, to) };
}

/** What the public says of one role. */
interface View {
  readonly index: Exact | null;
  readonly days: number;
  readonly unsurveyed: boolean;
  readonly note: string | null;
  readonly sources: readonly Source[];
}

/** R7: the index of a role's services, pooled; heads by all elements, staff by those of the policy. Too few responses, left out. */
function viewOf({ head, services, spans }: Role, rules: ScoringRules['satisfaction'], closed: boolean): View {
  const measured = services.flatMap((service) => service.measured ?? []);
  const n = measured.reduce((total, { respondents }) => total + respondents, 0);
  const known = measured.every(({ population }) => population !== null);
  const population = known ? measured.reduce((total, fact) => total + (fact.population ?? 0), 0) : null;
  const needs = respondentsNeeded(population, rules);
  const days = daysOf(spans);
  const enough = n > 0 && n >= needs;
  const sources = measured.map((fact) => ({
    eventId: fact.eventId,
    type: 'SatisfactionMeasured',
    quantity: String(fact.respondents),
    counted: enough ? String(fact.respondents) : '0',
    reason: enough ? null : 'TOO_FEW_RESPONDENTS',
    occurredAt: null,
    actor: null,
  }));
  if (n === 0 && closed && head) {
    return { index: ZERO, days, unsurveyed: true, note: 'no survey in the whole year', sources };
  }
  if (!enough) return { index: null, days, unsurveyed: n === 0, note: tooFew(n, needs), sources };
  const elements = head ? rules.headElements : rules.staffElements;
  return { index: indexOf(measured, elements, rules.topAnswer), days, unsurveyed: false, note: null, sources };
}

const tooFew = (n: number, needs: number) => (n === 0 ? 'no survey yet' : `n = ${n}, needs ${needs}`);

/** The mean of the elements' mean answers, as a share of the top answer, 0 to 100 (no more, should answers exceed it). An element that a form did not ask is left out. */
function indexOf(
  measured: readonly { readonly respondents: number; readonly elements: Readonly<Partial<Record<Element, number>>> }[],
  elements: readonly Element[],
  topAnswer: number,
): Exact | null {
  const means = elements.flatMap((element) => {
    const asked = measured.filter((fact) => fact.elements[element] !== undefined && fact.respondents > 0);
    const answers = asked.reduce((total, fact) => total + (fact.elements[element] ?? 0), 0);
    const respondents = asked.reduce((total, fact) => total + fact.respondents, 0);
    return respondents > 0 ? [Exact.of(answers).div(respondents)] : [];
  });
  const index = mean(means)?.div(topAnswer).times(HUNDRED);
  return index ? Exact.min(HUNDRED, index) : null;
}

/** R7: n ≥ max(least, min(enough, the sample for N)); without N the sample is as large as can be. */
export function respondentsNeeded(population: number | null, rules: ScoringRules['satisfaction']): number {
  const sample = population === null ? rules.enoughRespondents : sampleFor(population, rules.sample);
  return Math.max(rules.leastRespondents, Math.min(rules.enoughRespondents, sample));
}

/** Krejcie and Morgan: S = χ²NP(1 − P) ÷ (d²(N − 1) + χ²P(1 − P)), rounded; PermenPANRB 14/2017. */
export function sampleFor(population: number, rules: ScoringRules['satisfaction']['sample']): number {
  const spread = Exact.of(rules.chiSquare).times(rules.proportion).times(ONE.minus(rules.proportion));
  const error = Exact.of(rules.error)
    .times(rules.error)
    .times(Math.max(0, population - 1));
  return halfUp(spread.times(population).div(error.plus(spread)), 0).toNumber();
}

/** R6: several services are averaged by days served. */
function byDays(views: readonly View[]): Exact | null {
  const counted = views.flatMap(({ index, days }) => (index ? [{ index, days }] : []));
  if (counted.length === 0) return null;
  const days = counted.reduce((total, view) => total + view.days, 0);
  return sum(counted.map((view) => view.index.times(view.days))).div(days);
}

/** R9: in time ÷ due, over the days on which the person served or led; under the least number left out. */
function complaintsOf(facts: RoleFacts, rules: ScoringRules['complaints'], { year }: Checkpoint) {
  const roles = rolesOf(facts, yearSpan(year));
  const concerned = facts.services.map(({ serviceId, outcomes }) => {
    const spans = roles.flatMap((role) => (role.services.some((s) => s.serviceId === serviceId) ? role.spans : []));
    return outcomes.filter((outcome) => holds(spans, outcome.on));
  });
  const due = concerned.flat();
  const enough = due.length > 0 && due.length >= rules.leastDue;
  return {
    attainment: enough ? Exact.of(count(due)).div(due.length).times(HUNDRED) : null,
    note: enough || due.length === 0 ? null : `complaints: ${due.length} due, needs ${rules.leastDue}`,
    sources: concerned.flatMap((outcomes) => summary(outcomes, enough)),
  };
}

const count = (outcomes: readonly Outcome[]) => outcomes.filter(({ inTime }) => inTime).length;

/** A service's complaints as one source, named by the last: hundreds of lines would not explain more. */
function summary(outcomes: readonly Outcome[], enough: boolean): Source[] {
  const last = outcomes.at(-1);
  if (!last) return [];
  const inTime = count(outcomes);
  return [
    {
      eventId: last.eventId,
      type: last.type,
      quantity: String(outcomes.length),
      counted: enough ? String(inTime) : '0',
      reason: !enough ? 'TOO_FEW_DUE' : inTime < outcomes.length ? 'LATE' : null,
      occurredAt: last.at.toISOString(),
      actor: null,
    },
  ];
}

/** The two in their shares, or the one there is. A head of whom no survey asked in the whole year has P = 0 (R7). */
function mix(satisfaction: Exact | null, complaints: Exact | null, views: readonly View[], rules: Rules): Exact | null {
  const counted = views.filter(({ index }) => index);
  if (counted.length > 0 && counted.every(({ unsurveyed }) => unsurveyed)) return ZERO;
  if (!satisfaction || !complaints) return satisfaction ?? complaints;
  return satisfaction.times(rules.satisfaction.share).plus(complaints.times(rules.complaints.share));
}
