/**
 * The identity number of a civil servant: NIP of a PNS or CPNS, NI PPPK of a PPPK. Eighteen digits, no check digit:
 *
 *     NIP      YYYYMMDD birth · YYYY MM first appointment · S sex · NNN serial
 *     NI PPPK  YYYYMMDD birth · YYYY first appointment · FF frequency · S sex · NNN serial
 *
 * It carries birth date and sex, so no error here repeats it.
 */
import { DomainError } from '@merit/chassis/errors';
import { isLocalDate, type LocalDate } from '@merit/chassis/local-date';
import { figuresAt, type IdentityFigures } from './identity-number.figures.js';

export type EmployeeKind = 'PNS' | 'CPNS' | 'PPPK' | 'PPPK_PARUH_WAKTU';
export type Sex = 'MALE' | 'FEMALE';

export interface IdentityNumber {
  readonly number: string;
  readonly birthDate: LocalDate;
  readonly sex: Sex;
}

export const isContractual = (kind: EmployeeKind) => kind === 'PPPK' || kind === 'PPPK_PARUH_WAKTU';

/**
 * Judges an identity number for a person of a kind. Blanks between its groups are left out, as decrees print them.
 * A NIP names a month of appointment and an NI PPPK a year, so age is taken at the last day of it, the kindest reading.
 * @throws with `field`, the first that applies: NIP_MALFORMED, NIP_BIRTH_DATE, NIP_APPOINTMENT_MONTH (PNS, CPNS),
 *   NIP_FREQUENCY (PPPK), NIP_OF_OTHER_KIND, NIP_SEX, NIP_SERIAL, NIP_IN_FUTURE, NIP_TOO_YOUNG
 */
export function parseIdentityNumber(
  text: string,
  kind: EmployeeKind,
  today: LocalDate,
  figures: readonly IdentityFigures[],
  field = 'nip',
): IdentityNumber {
  const number = text.replace(/[\t ]/g, '');
  const refuse = (code: string, message: string): never => {
    throw new DomainError(code, message, { field });
  };
  if (!/^[0-9]{18}$/.test(number)) refuse('NIP_MALFORMED', 'An identity number has exactly 18 digits. Check it.');
  const birthDate = birthDateOf(number);
  if (!isLocalDate(birthDate) || birthDate < '1900') {
    refuse('NIP_BIRTH_DATE', 'The first eight digits must be a date of birth, YYYYMMDD. Check them.');
  }
  const appointment = appointmentOf(number, kind, figures, refuse);
  const sex = sexOf(number) ?? refuse('NIP_SEX', 'Digit 15 must be 1 (man) or 2 (woman). Check it.');
  if (number.endsWith('000')) refuse('NIP_SERIAL', 'The last three digits count from 001. Check them.');
  if (birthDate > today || appointment.first > today) {
    refuse('NIP_IN_FUTURE', 'The number names a birth or an appointment that lies in the future. Check it.');
  }
  const { minimumAge } = figuresAt(figures, appointment.last);
  if (yearsLater(birthDate, minimumAge) > appointment.last) {
    refuse('NIP_TOO_YOUNG', `The number makes the person younger than ${minimumAge} at appointment. Check it.`);
  }
  return { number, birthDate, sex };
}

/** The date of birth that a number carries; of a number that was judged before it is a real date. */
export function birthDateOf(number: string): LocalDate {
  return `${number.slice(0, 4)}-${number.slice(4, 6)}-${number.slice(6, 8)}`;
}

/** The sex that a number carries, null where its digit is neither 1 nor 2. */
export function sexOf(number: string): Sex | null {
  return number[14] === '1' ? 'MALE' : number[14] === '2' ? 'FEMALE' : null;
}

/** The first and last day on which the appointment may have been: of a month for a NIP, of a year for an NI PPPK. */
function appointmentOf(
  number: string,
  kind: EmployeeKind,
  figures: readonly IdentityFigures[],
  refuse: (code: string, message: string) => never,
): { first: LocalDate; last: LocalDate } {
  const [year, digits] = [number.slice(8, 12), Number(number.slice(12, 14))];
  const whole = { first: `${year}-01-01`, last: `${year}-12-31` };
  const isMonth = digits >= 1 && digits <= 12;
  const lowest = figuresAt(figures, whole.last).lowestPppkFrequency;
  const isFrequency = digits >= lowest;
  if (isContractual(kind)) {
    if (isMonth) refuse('NIP_OF_OTHER_KIND', 'This is the number of a PNS. Check the kind of employment.');
    if (!isFrequency) refuse('NIP_FREQUENCY', `Digits 13–14 of an NI PPPK count from ${lowest}. Check them.`);
    return whole;
  }
  if (isFrequency) refuse('NIP_OF_OTHER_KIND', 'This is the number of a PPPK. Check the kind of employment.');
  if (!isMonth) refuse('NIP_APPOINTMENT_MONTH', 'Digits 13–14 of a NIP must be a month, 01 to 12. Check them.');
  const month = `${year}-${number.slice(12, 14)}`;
  return { first: `${month}-01`, last: `${month}-${String(daysIn(Number(year), digits)).padStart(2, '0')}` };
}

const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** The birthday so many years on, as text: 29 February stands for itself, and sorts before 1 March. */
const yearsLater = (date: LocalDate, years: number) =>
  String(Number(date.slice(0, 4)) + years).padStart(4, '0') + date.slice(4);
