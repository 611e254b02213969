/** What was realised of an indicator (realisasi), with its evidence (bukti dukung). */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import { notAgreed, type Plan } from '../plan/plan.js';

export interface Evidence {
  readonly text: string | null;
  readonly url: string | null;
}
export interface Realisation {
  readonly id: string;
  readonly planId: string;
  readonly indicatorId: string;
  readonly employeeId: string;
  readonly agencyId: string;
  readonly year: number;
  /** A decimal. */
  readonly quantity: string;
  /** The day on which it was realised. */
  readonly realisedOn: LocalDate;
  readonly evidence: Evidence;
  /** The realisation that this one corrects and takes the place of. */
  readonly replacesId: string | null;
  readonly reportedAt: Date;
}

export type RealisationEvent = { readonly type: 'RealisationReported'; readonly realisation: Realisation };

export interface Report {
  readonly id: string;
  readonly quantity: string;
  readonly realisedOn: LocalDate;
  readonly evidence: Evidence;
  readonly reportedAt: Date;
}

/**
 * Reports something realised on an indicator of an agreed plan.
 * @param today the agency's day
 * @throws PLAN_NOT_AGREED, INDICATOR_NOT_FOUND, REALISED_OUTSIDE_PLAN, REALISED_IN_FUTURE, EVIDENCE_REQUIRED
 */
export function report(
  plan: Plan,
  indicatorId: string,
  { evidence, realisedOn, ...given }: Report,
  today: LocalDate,
): Decision<Realisation, RealisationEvent> {
  if (plan.status !== 'AGREED') throw notAgreed();
  if (!plan.workResults.some(({ indicators }) => indicators.some(({ id }) => id === indicatorId))) {
    throw new DomainError('INDICATOR_NOT_FOUND', 'There is no such indicator.', { field: 'indicatorId' });
  }
  const { from, to } = plan.span;
  if (realisedOn < from || realisedOn > to) {
    throw new DomainError('REALISED_OUTSIDE_PLAN', `The day must lie within the plan, from ${from} to ${to}.`, {
      field: 'realisedOn',
      from,
      to,
    });
  }
  if (realisedOn > today) {
    throw new DomainError('REALISED_IN_FUTURE', 'The day lies in the future.', { field: 'realisedOn', today });
  }
  if (evidence.text === null && evidence.url === null) {
    throw new DomainError('EVIDENCE_REQUIRED', 'Say what shows it, or where that can be seen.', { field: 'evidence' });
  }
  const { id: planId, employeeId, agencyId, year } = plan;
  const state = { ...given, planId, indicatorId, employeeId, agencyId, year, realisedOn, evidence, replacesId: null };
  return { state, events: [{ type: 'RealisationReported', realisation: state }] };
}

/**
 * Corrects a realisation: another takes its place, and the first stays to be seen.
 * @param before with whether another has taken its place already
 * @throws REALISATION_REPLACED, and as `report` does
 */
export function correct(
  plan: Plan,
  before: Realisation & { readonly replaced: boolean },
  given: Report,
  today: LocalDate,
): Decision<Realisation, RealisationEvent> {
  if (before.replaced) {
    throw new DomainError('REALISATION_REPLACED', 'This one was corrected already. Correct the one in its place.', {
      field: 'realisationId',
    });
  }
  const reported = report(plan, before.indicatorId, given, today).state;
  const state = { ...reported, replacesId: before.id };
  return { state, events: [{ type: 'RealisationReported', realisation: state }] };
}
