/** The figures of the satisfaction survey, as data with their dates: the law changes, the code need not. */

/** Quality of a service (mutu pelayanan), with the Indonesian words in the graph's descriptions. */
export type Grade = 'A' | 'B' | 'C' | 'D';

export interface SatisfactionFigures {
  /** First day of the windows on which these hold. */
  readonly validFrom: string;
  /** Lowest index of each grade, in hundredths, best first. The bands have no gap at two decimals. */
  readonly bands: readonly { readonly grade: Grade; readonly from: number }[];
  /** The best answer to an element; the worst is 1. */
  readonly bestAnswer: number;
  /** The index of a survey with only best answers. */
  readonly fullIndex: number;
  /** Fewest respondents whose figures are shown. */
  readonly fewestShown: number;
  /** For the sample: chi-square at 95 %, the proportion assumed, the error allowed. */
  readonly sample: { readonly chiSquare: string; readonly proportion: string; readonly error: string };
  readonly source: string;
  /** Whether the source was read, or is still to be confirmed. */
  readonly verified: boolean;
}

/** Latest first. */
export const SATISFACTION_FIGURES: readonly SatisfactionFigures[] = [
  {
    validFrom: '0001-01-01',
    bands: [
      { grade: 'A', from: 8831 },
      { grade: 'B', from: 7661 },
      { grade: 'C', from: 6500 },
      { grade: 'D', from: 2500 },
    ],
    bestAnswer: 4,
    fullIndex: 100,
    // Our own floor, stricter than nothing: the regulation names none.
    fewestShown: 5,
    sample: { chiSquare: '3.841', proportion: '0.5', error: '0.05' },
    source:
      'PermenPANRB 14/2017, bands and elements as published by e-smile.tubaba.go.id; sample by Krejcie and Morgan',
    verified: true,
  },
];

/** The figures that hold on a day. */
export function figuresOn(figures: readonly SatisfactionFigures[], date: string): SatisfactionFigures {
  return figures.find(({ validFrom }) => validFrom <= date)!; // the oldest holds since the first day there is
}
