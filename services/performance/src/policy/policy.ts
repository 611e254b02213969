/**
 * The figures by which scores are computed: effective-dated data, never literals.
 *
 * A policy is an agency's own or the national one. It is never edited: another version takes
 * over from a later period, and every score names the version that it was computed with.
 */
import { DomainError } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';

/** What a score is made of, in the order in which the parts are shown. */
export const COMPONENTS = ['WORK_RESULTS', 'BEHAVIOUR', 'COMPETENCY', 'PUBLIC_FEEDBACK'] as const;
export type Component = (typeof COMPONENTS)[number];

/** How a score lies in words, best first. Legal values of the index, so in Indonesian. */
const BANDS = ['SESUAI_JALUR', 'PERLU_PERHATIAN', 'TERTINGGAL'] as const;
export type ScoreBand = (typeof BANDS)[number];

/** The nine elements of the public satisfaction survey (unsur SKM), by code. */
export const ELEMENTS = [
  'PERSYARATAN',
  'PROSEDUR',
  'WAKTU',
  'BIAYA',
  'PRODUK',
  'KOMPETENSI',
  'PERILAKU',
  'PENGADUAN',
  'SARANA',
] as const;
export type Element = (typeof ELEMENTS)[number];

export interface ScoringRules {
  /** Per cent of the score, 100 in all. */
  readonly weights: Readonly<Record<Component, number>>;
  /** The least score of each band. */
  readonly bands: readonly { readonly band: ScoreBand; readonly from: number }[];
  /** The shares (0 to 1) of weights in use and of days at work under which no band is given (R1, R11). */
  readonly bandNeeds: { readonly coverage: number; readonly availability: number };
  /** R4: how main and additional results mix. R5: the share of the period after which easing a target needs the appraiser's superior. */
  readonly workResults: {
    readonly main: number;
    readonly additional: number;
    readonly easingNeedsSuperiorAfter: number;
  };
  /** R6, R7: the share of satisfaction, the answers' top, the sample that is enough, and whose elements count. */
  readonly satisfaction: {
    readonly share: number;
    readonly topAnswer: number;
    readonly leastRespondents: number;
    readonly enoughRespondents: number;
    /** Krejcie and Morgan's sample: chi square, proportion, error. */
    readonly sample: { readonly chiSquare: number; readonly proportion: number; readonly error: number };
    readonly headElements: readonly Element[];
    readonly staffElements: readonly Element[];
  };
  /** R9: the share of complaints, and the fewest due that count. */
  readonly complaints: { readonly share: number; readonly leastDue: number };
  /** R14: between which weights a policy may choose. An agency keeps to the national ones. */
  readonly guardrails: Readonly<Record<Component, { readonly least: number; readonly most: number }>>;
}

export interface ScoringPolicy {
  readonly id: string;
  /** The agency whose own it is; null for the national one. */
  readonly agencyId: string | null;
  /** Its name, such as 2026-1. */
  readonly version: string;
  /** The first day of the first period that it is for. */
  readonly validFrom: LocalDate;
  readonly rules: ScoringRules;
  /** Where the figures come from. */
  readonly source: string;
  /** Whether the source was read, or the figures are general knowledge. */
  readonly verified: boolean;
  readonly publishedAt: Date;
}

/** The policy for an agency's period (for none, the national one): the agency's own before the national one, the latest that is valid by the first day. */
export function policyFor(
  policies: readonly ScoringPolicy[],
  agencyId: string | null,
  startsOn: LocalDate,
): ScoringPolicy | null {
  const rank = (policy: ScoringPolicy) =>
    `${policy.agencyId ? 1 : 0} ${policy.validFrom} ${policy.publishedAt.toISOString()} ${policy.id}`;
  return policies
    .filter((policy) => policy.validFrom <= startsOn && (policy.agencyId === null || policy.agencyId === agencyId))
    .reduce<ScoringPolicy | null>((best, policy) => (best && rank(best) > rank(policy) ? best : policy), null);
}

/**
 * Checks a policy before it is published (R14).
 * @param begun the first day of the latest period in the policy's reach that has begun; null when none has
 * @param national the national policy in force when this one begins, whose guardrails hold
 * @throws POLICY_NOT_NEXT_PERIOD, POLICY_WEIGHTS_INVALID, POLICY_OUTSIDE_GUARDRAILS, POLICY_BANDS_INVALID, POLICY_SHARES_INVALID, POLICY_FIGURES_INVALID, POLICY_ELEMENTS_INVALID
 */
export function publish(policy: ScoringPolicy, begun: LocalDate | null, national: ScoringPolicy): ScoringPolicy {
  if (!policy.validFrom.endsWith('-01-01') || (begun !== null && policy.validFrom <= begun)) {
    throw new DomainError(
      'POLICY_NOT_NEXT_PERIOD',
      'A policy takes effect on 1 January of a year whose period has not begun anywhere in its reach.',
      { field: 'validFrom', begun },
    );
  }
  checkWeights(policy.rules, national.rules.guardrails);
  checkBands(policy.rules.bands);
  checkShares(policy.rules);
  checkFigures(policy.rules);
  checkElements(policy.rules.satisfaction);
  return policy;
}

function checkWeights({ weights }: ScoringRules, guardrails: ScoringRules['guardrails']): void {
  const total = COMPONENTS.reduce((sum, component) => sum + weights[component] * 100, 0);
  if (Math.round(total) !== 10_000) {
    throw new DomainError('POLICY_WEIGHTS_INVALID', 'The weights must be 100 per cent in all.', { field: 'weights' });
  }
  for (const component of COMPONENTS) {
    const { least, most } = guardrails[component];
    if (!(weights[component] >= least && weights[component] <= most)) {
      throw new DomainError(
        'POLICY_OUTSIDE_GUARDRAILS',
        `The weight of ${component} must be from ${least} to ${most}.`,
        {
          field: 'weights',
          component,
          least,
          most,
        },
      );
    }
  }
}

function checkBands(bands: ScoringRules['bands']): void {
  const falling = bands.every(({ from }, n) => n === 0 || from < bands[n - 1]!.from);
  const complete = bands.length === BANDS.length && BANDS.every((band, n) => bands[n]!.band === band);
  if (!falling || !complete || bands.at(-1)!.from !== 0 || !(bands[0]!.from <= 100)) {
    throw new DomainError('POLICY_BANDS_INVALID', `Give ${BANDS.join(', ')} in this order, the last from 0.`, {
      field: 'bands',
    });
  }
}

function checkShares({ bandNeeds, workResults, satisfaction, complaints }: ScoringRules): void {
  const shares = [...Object.values(bandNeeds), ...Object.values(workResults), satisfaction.share, complaints.share];
  const one = (a: number, b: number) => Math.abs(a + b - 1) < Number.EPSILON * 2;
  if (
    !shares.every((share) => share >= 0 && share <= 1) ||
    !one(workResults.main, workResults.additional) ||
    !one(satisfaction.share, complaints.share)
  ) {
    throw new DomainError(
      'POLICY_SHARES_INVALID',
      'Shares lie between 0 and 1; main and additional, and satisfaction and complaints, are 1 together.',
      { field: 'rules' },
    );
  }
}

/** With these the score divides and multiplies, so that one out of its range would leave no number at all. */
function checkFigures({ satisfaction, complaints }: ScoringRules): void {
  const { topAnswer, leastRespondents, enoughRespondents, sample } = satisfaction;
  const counts = Object.entries({ topAnswer, leastRespondents, enoughRespondents });
  const counted = (value: number) => Number.isSafeInteger(value) && value >= 1;
  const within = (value: number) => value > 0 && value < 1;
  const wrong = [
    ...counts.filter(([, value]) => !counted(value)).map(([name]) => `satisfaction.${name}`),
    ...(within(sample.proportion) ? [] : ['satisfaction.sample.proportion']),
    ...(within(sample.error) ? [] : ['satisfaction.sample.error']),
    ...(sample.chiSquare > 0 && Number.isFinite(sample.chiSquare) ? [] : ['satisfaction.sample.chiSquare']),
    ...(counted(complaints.leastDue) ? [] : ['complaints.leastDue']),
  ];
  if (wrong.length === 0) return;
  throw new DomainError(
    'POLICY_FIGURES_INVALID',
    'Counts and the top answer are whole numbers from 1; proportion and error lie between 0 and 1; chi square is above 0.',
    { field: wrong[0], wrong },
  );
}

function checkElements({ headElements, staffElements }: ScoringRules['satisfaction']): void {
  for (const elements of [headElements, staffElements]) {
    if (elements.length === 0 || new Set(elements).size !== elements.length) {
      throw new DomainError('POLICY_ELEMENTS_INVALID', 'Name at least one element, each once.', { field: 'rules' });
    }
  }
}
