/** The limits within which complaints move, as data with their dates: the law changes, the code need not. */
import type { LocalDate } from '@merit/chassis/local-date';

/** The class of a complaint, which sets its limit. */
const COMPLAINT_CLASSES = ['INFORMATION', 'SIMPLE', 'WITHOUT_FIELD_CHECK', 'WITH_FIELD_CHECK'] as const;
export type ComplaintClass = (typeof COMPLAINT_CLASSES)[number];

export interface Limit {
  readonly quantity: number;
  readonly unit: 'WORKING_DAYS' | 'DAYS';
}

export interface ComplaintFigures {
  /** Steps that begin on this day or later have these limits. */
  readonly validFrom: LocalDate;
  /** From receipt to being forwarded or rejected. */
  readonly verify: Limit;
  /** From being forwarded to the end. */
  readonly finish: Readonly<Record<ComplaintClass, Limit>>;
  /** How long after the end the one who complained may reopen it. */
  readonly reopen: Limit;
  readonly source: string;
  /** Whether the sources were read and agree, or something is still to be confirmed. */
  readonly verified: boolean;
}

const workingDays = (quantity: number): Limit => ({ quantity, unit: 'WORKING_DAYS' });

/** Latest first. */
export const COMPLAINT_FIGURES: readonly ComplaintFigures[] = [
  {
    validFrom: '0001-01-01',
    verify: workingDays(3),
    finish: {
      INFORMATION: workingDays(5),
      SIMPLE: workingDays(5),
      WITHOUT_FIELD_CHECK: workingDays(14),
      WITH_FIELD_CHECK: workingDays(60),
    },
    reopen: workingDays(10),
    // The numbers agree everywhere. Whether they are days or working days does not: the ministry's statement in the press
    // says days, local procedures (sippn.menpan.go.id) say working days.
    source: 'SP4N-LAPOR!, PermenPANRB 62/2018, as published by the ministry and in local procedures',
    verified: false,
  },
];

/** The figures that hold on a day. */
export function figuresOn(figures: readonly ComplaintFigures[], date: LocalDate): ComplaintFigures {
  return figures.find(({ validFrom }) => validFrom <= date)!; // the oldest holds since the first day there is
}
