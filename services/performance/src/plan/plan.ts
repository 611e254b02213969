/**
 * A performance plan (SKP): what an employee and the supervisor agree that the year shall bring.
 * PermenPANRB 6/2022 art. 5: planning, with its expectations made clear.
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import { Decimal } from 'decimal.js';
import type { Span } from '../period/calendar.js';
import type { Period } from '../period/period.js';

export type WorkResultKind = 'UTAMA' | 'TAMBAHAN';
export type Aspect = 'QUANTITY' | 'QUALITY' | 'TIME' | 'COST';

/** A draft may leave open what an agreed plan must have. */
export interface Indicator {
  readonly id: string;
  readonly name: string;
  readonly aspect: Aspect | null;
  /** A decimal. */
  readonly target: string | null;
  readonly unit: string | null;
  /** Where the evidence will come from (bukti dukung). */
  readonly evidenceSource: string | null;
  /** Days by which equal parts of the target are due; without any, the months say. */
  readonly dueDates: readonly LocalDate[];
}
export interface WorkResult {
  readonly id: string;
  readonly title: string;
  readonly kind: WorkResultKind;
  readonly indicators: readonly Indicator[];
}

interface Sheet {
  readonly id: string;
  readonly employeeId: string;
  readonly periodId: string;
  readonly agencyId: string;
  readonly year: number;
  readonly span: Span;
  /** +1 with each change. */
  readonly version: number;
  readonly workResults: readonly WorkResult[];
}
export type Draft = Sheet & { readonly status: 'DRAFT' };
export type Agreed = Sheet & {
  readonly status: 'AGREED';
  /** The supervisor; null when it was agreed on paper and entered later. */
  readonly agreedBy: string | null;
  readonly agreedAt: Date;
};
export type Plan = Draft | Agreed;

export type PlanEvent =
  | { readonly type: 'PlanAgreed'; readonly plan: Agreed }
  | { readonly type: 'PlanRevised'; readonly plan: Agreed; readonly revisedAt: Date };

export interface DraftPlan {
  readonly id: string;
  readonly employeeId: string;
  readonly period: Pick<Period, 'id' | 'agencyId' | 'year' | 'span'>;
  /** From when to when; the period unless told. */
  readonly startsOn: LocalDate | null;
  readonly endsOn: LocalDate | null;
  readonly workResults: readonly WorkResult[];
}

const MOST_WORK_RESULTS = 50;
const MOST_INDICATORS = 20;

/**
 * Writes a plan, or writes its draft anew. What is missing may be added until it is agreed.
 * @throws PLAN_ALREADY_AGREED, PLAN_DATES_INVALID, PLAN_TOO_LARGE
 */
export function draft(before: Plan | null, command: DraftPlan): Draft {
  const { period, employeeId, workResults } = command;
  if (before?.status === 'AGREED') {
    throw new DomainError('PLAN_ALREADY_AGREED', 'This plan is agreed. Let the supervisor revise its indicators.');
  }
  if (workResults.length > MOST_WORK_RESULTS || workResults.some((r) => r.indicators.length > MOST_INDICATORS)) {
    throw new DomainError(
      'PLAN_TOO_LARGE',
      `A plan has at most ${MOST_WORK_RESULTS} work results of at most ${MOST_INDICATORS} indicators.`,
      { field: 'workResults' },
    );
  }
  const span = spanOf(command);
  for (const [path, indicator] of indicatorsOf({ workResults })) checkDates(indicator.dueDates, span, path);
  return {
    status: 'DRAFT',
    id: before?.id ?? command.id,
    employeeId,
    periodId: period.id,
    agencyId: period.agencyId,
    year: period.year,
    span,
    version: (before?.version ?? 0) + 1,
    workResults,
  };
}

function spanOf({ period, startsOn, endsOn }: DraftPlan): Span {
  const span = { from: startsOn ?? period.span.from, to: endsOn ?? period.span.to };
  if (span.from < period.span.from || span.to > period.span.to || span.from > span.to) {
    throw new DomainError(
      'PLAN_DATES_INVALID',
      `A plan lies within its period, from ${period.span.from} to ${period.span.to}.`,
      { field: span.to > period.span.to ? 'endsOn' : 'startsOn', ...period.span },
    );
  }
  return span;
}

/** @throws PLAN_DATES_INVALID */
export function checkDates(dates: readonly LocalDate[], span: Span, path: string): void {
  if (dates.some((date) => date < span.from || date > span.to) || new Set(dates).size !== dates.length) {
    throw new DomainError(
      'PLAN_DATES_INVALID',
      `Due dates lie within the plan, from ${span.from} to ${span.to}, each once.`,
      {
        field: `${path}.dueDates`,
        ...span,
      },
    );
  }
}

/** Every indicator with its place, such as workResults[0].indicators[2]. */
export const indicatorsOf = ({ workResults }: Pick<Sheet, 'workResults'>): [string, Indicator][] =>
  workResults.flatMap((result, r) =>
    result.indicators.map((indicator, n): [string, Indicator] => [`workResults[${r}].indicators[${n}]`, indicator]),
  );

/**
 * Agrees on a plan: from now on its work results count.
 * @param by the supervisor, an employee; null for a plan agreed on paper
 * @throws PLAN_ALREADY_AGREED, OWN_RECORD, PLAN_INCOMPLETE naming what is missing
 */
export function agree(plan: Plan, by: string | null, agreedAt: Date): Decision<Agreed, PlanEvent> {
  if (plan.status === 'AGREED') {
    throw new DomainError('PLAN_ALREADY_AGREED', 'This plan is agreed already.');
  }
  refuseOwn(plan, by);
  const [field, ...others] = missingIn(plan);
  if (field) {
    throw new DomainError(
      'PLAN_INCOMPLETE',
      'Every plan has a main work result, and every work result an indicator with aspect, target, unit and evidence source.',
      { field, missing: [field, ...others] },
    );
  }
  const state: Agreed = { ...plan, status: 'AGREED', agreedBy: by, agreedAt, version: plan.version + 1 };
  return { state, events: [{ type: 'PlanAgreed', plan: state }] };
}

/** Nobody decides on their own record. */
export function refuseOwn(plan: Plan, by: string | null): void {
  if (by === plan.employeeId) {
    throw new DomainError('OWN_RECORD', 'Nobody agrees on their own plan. Ask your supervisor.');
  }
}

/** The places of what an agreed plan must have and this one lacks. */
function missingIn(plan: Plan): string[] {
  const { workResults } = plan;
  const results = workResults.flatMap(({ indicators }, r) =>
    indicators.length === 0 ? [`workResults[${r}].indicators`] : [],
  );
  const parts = indicatorsOf(plan).flatMap(([path, indicator]) =>
    lackingIn(indicator).map((name) => `${path}.${name}`),
  );
  const main = workResults.some(({ kind }) => kind === 'UTAMA') ? [] : ['workResults'];
  return [...main, ...results, ...parts];
}

/** What an agreed indicator must have and this one lacks. */
export function lackingIn({ aspect, target, unit, evidenceSource }: Indicator): string[] {
  const parts = Object.entries({ aspect, target, unit, evidenceSource });
  const absent = parts.filter(([, value]) => value === null).map(([name]) => name);
  // Nothing can be a share of nothing; a number of mistakes or days may well be aimed at zero.
  const isNothing = target !== null && new Decimal(target).isZero() && (aspect === 'QUANTITY' || aspect === 'QUALITY');
  return isNothing ? [...absent, 'target'] : absent;
}

export const notAgreed = () =>
  new DomainError('PLAN_NOT_AGREED', 'This plan is not agreed yet. Ask the supervisor to agree first.');
