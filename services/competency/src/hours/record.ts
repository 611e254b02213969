import type { LocalDate } from '@merit/chassis/local-date';
import type { EmploymentKind } from './rules.js';

/** Times of day in minutes after midnight. */
export interface Meeting {
  readonly from: number;
  readonly to: number;
}

/** A training that a person finished. */
export interface TrainingRecord {
  readonly id: string;
  /** Code of its form, such as SEMINAR. */
  readonly form: string;
  /** Whole learning hours (JP) on the certificate. */
  readonly hours: number;
  readonly startsOn: LocalDate;
  readonly endsOn: LocalDate;
  /** When it met on each of its days, if that is known. */
  readonly meets: Meeting | null;
  readonly verified: boolean;
}

/** What about a person decides how their hours count. */
export interface Learner {
  readonly kind: EmploymentKind;
  /** First day of the present contract; contract years run from it in both directions. */
  readonly contractFrom: LocalDate | null;
  /** Stands in for a contract's first day that is not known. */
  readonly serviceFrom: LocalDate;
}
