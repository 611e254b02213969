/** The week that offices work, as data with its dates: the law changes, the code need not. */
import type { LocalDate } from '@merit/chassis/local-date';

/** From and to, in minutes since midnight. */
export type Span = readonly [from: number, to: number];

export interface WorkingWeek {
  /** First day on which this week holds. */
  readonly validFrom: LocalDate;
  /** Working hours by day of the week, Monday (1) to Sunday (7). A day without hours is no working day. */
  readonly hours: Readonly<Record<number, readonly Span[]>>;
  readonly source: string;
  /** Whether the source was read and says all of this, or some is still to be confirmed. */
  readonly verified: boolean;
}

const at = (hour: number, minute: number): number => hour * 60 + minute;
const ordinary: readonly Span[] = [
  [at(7, 30), at(12, 0)],
  [at(13, 0), at(16, 0)],
];
const friday: readonly Span[] = [
  [at(7, 30), at(11, 30)],
  [at(13, 0), at(16, 30)],
];

/** Latest first. */
export const WORKING_WEEKS: readonly WorkingWeek[] = [
  {
    validFrom: '0001-01-01',
    hours: { 1: ordinary, 2: ordinary, 3: ordinary, 4: ordinary, 5: friday, 6: [], 7: [] },
    // Read in the press: Monday to Friday, 37.5 hours a week from 07.30, 60 minutes of rest and 90 on Fridays. When the
    // rest begins is for each agency to say; noon and 11.30 are usual. Ramadan's shorter week is not told apart.
    source: 'Perpres 21/2023 Pasal 3 and 4; hours of rest as usual in the regions',
    verified: false,
  },
];
