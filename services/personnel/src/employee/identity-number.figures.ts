/** The figures by which identity numbers are judged, as data with their dates: the law changes, the code need not. */
import type { LocalDate } from '@merit/chassis/local-date';

export interface IdentityFigures {
  /** First day of appointment on which these hold. */
  readonly validFrom: LocalDate;
  /** Whole years that a person must have at appointment. */
  readonly minimumAge: number;
  /** Lowest value of digits 13–14 that marks a PPPK: the frequency of appointment is counted from here. */
  readonly lowestPppkFrequency: number;
  readonly source: string;
  /** Whether the source was read, or is general knowledge still to be confirmed. */
  readonly verified: boolean;
}

export const IDENTITY_FIGURES: readonly IdentityFigures[] = [
  {
    validFrom: '0000-01-01',
    minimumAge: 18,
    lowestPppkFrequency: 21,
    source: 'Perka BKN 43/2007 (NIP); the form of the NI PPPK as public systems read it; minimum age as in PP 11/2017',
    verified: false,
  },
];

/** The figures that hold for an appointment on a day: the latest that began by then. */
export function figuresAt(figures: readonly IdentityFigures[], date: LocalDate): IdentityFigures {
  const begun = figures.filter(({ validFrom }) => validFrom <= date);
  return begun.reduce((latest, next) => (next.validFrom > latest.validFrom ? next : latest));
}
