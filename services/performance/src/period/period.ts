/**
 * A period of performance (periode penilaian): a calendar year of an agency, month by month.
 *
 * Time reaches plans and scores only through it: a month has begun, the period is over.
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import { type LocalDate, yearOf } from '@merit/chassis/local-date';
import { daysIn, nextMonth, type Span, yearSpan } from './calendar.js';

/** PermenPANRB 6/2022 also knows quarters and months. */
export type PeriodKind = 'ANNUAL';

export interface Period {
  readonly id: string;
  readonly agencyId: string;
  readonly year: number;
  readonly kind: PeriodKind;
  readonly span: Span;
  /** The agency's IANA zone, by which its days begin. */
  readonly timeZone: string;
  /** The first day of the latest month that has begun; null before the first. */
  readonly checkpoint: LocalDate | null;
  /** The last day, once it is over. */
  readonly closedOn: LocalDate | null;
}

export type PeriodEvent =
  | { readonly type: 'CheckpointReached'; readonly period: Period; readonly checkpoint: LocalDate }
  | { readonly type: 'PeriodClosed'; readonly period: Period; readonly closedOn: LocalDate };

export interface OpenPeriod {
  readonly id: string;
  readonly agencyId: string;
  readonly timeZone: string;
  readonly year: number;
  readonly kind: PeriodKind;
}

/** How far back records may reach. */
const FIRST_YEAR = 2000;

/**
 * Opens a period, and reaches at once whatever of it has passed.
 * @param today the agency's day
 * @throws YEAR_OUT_OF_RANGE
 */
export function open(command: OpenPeriod, today: LocalDate): Decision<Period, PeriodEvent> {
  const next = yearOf(today) + 1;
  if (!Number.isInteger(command.year) || command.year < FIRST_YEAR || command.year > next) {
    throw new DomainError('YEAR_OUT_OF_RANGE', `Open a year from ${FIRST_YEAR} to ${next}.`, {
      field: 'year',
      min: FIRST_YEAR,
      max: next,
    });
  }
  return reach({ ...command, span: yearSpan(command.year), checkpoint: null, closedOn: null }, today);
}

/** Each month that has begun since the last checkpoint, in order, and then the end; nothing while the month lasts. */
export function reach(period: Period, today: LocalDate): Decision<Period, PeriodEvent> {
  const events: PeriodEvent[] = [];
  let state = period;
  while (state.closedOn === null) {
    const next = state.checkpoint ? nextMonth(state.checkpoint) : state.span.from;
    if (next > today) break;
    if (next <= state.span.to) {
      state = { ...state, checkpoint: next };
      events.push({ type: 'CheckpointReached', period: state, checkpoint: next });
    } else {
      state = { ...state, closedOn: state.span.to };
      events.push({ type: 'PeriodClosed', period: state, closedOn: state.span.to });
    }
  }
  return { state, events };
}

/** How much of a period has passed by a day, 0 to 1. */
export const elapsed = ({ span }: Pick<Period, 'span'>, today: LocalDate): number =>
  Math.min(1, daysIn({ from: span.from, to: today }) / daysIn(span));

/**
 * The period by which a person's year goes: of the agencies that employed them, the last one with whom they had
 * begun by its latest checkpoint. One without a period there is passed over. Null when none has one.
 */
export function periodOf(
  employments: readonly { readonly agencyId: string; readonly from: LocalDate }[],
  periods: readonly Period[],
): Period | null {
  const steps = [...employments]
    .sort((a, b) => (a.from < b.from ? -1 : 1))
    .flatMap(({ agencyId, from }) => {
      const period = periods.find((each) => each.agencyId === agencyId);
      return period ? [{ period, from }] : [];
    });
  const begun = steps.filter(({ period, from }) => from <= (period.closedOn ?? period.checkpoint ?? ''));
  return (begun.at(-1) ?? steps[0])?.period ?? null;
}
