/**
 * A civil servant (Pegawai ASN): entered, corrected, moved to another agency, gone.
 * Where the person works and whom they serve lies in `../assignment` and `../service-assignment`.
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';
import { addDays, type LocalDate } from '@merit/chassis/local-date';
import { holdsAt, type Interval, requireInterval } from '../interval.js';
import { requireVersion } from '../version.js';
import type { IdentityFigures } from './identity-number.figures.js';
import { type EmployeeKind, isContractual, parseIdentityNumber } from './identity-number.js';

export const EMPLOYEE_KINDS = ['PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU'] as const satisfies readonly EmployeeKind[];

/** What an office may enter, and correct. */
export interface Particulars {
  readonly name: string;
  readonly nip: string;
  readonly kind: EmployeeKind;
  /** First day of service in the agency's records. */
  readonly serviceFrom: LocalDate;
  /** First and last day of the present contract: PPPK only. */
  readonly contractFrom: LocalDate | null;
  readonly contractTo: LocalDate | null;
}
export interface Employee extends Particulars {
  readonly id: string;
  readonly leftOn: LocalDate | null;
  readonly version: number;
}
/** Which agency employs the person, from when to when. */
export interface Employment extends Interval {
  readonly employeeId: string;
  readonly agencyId: string;
}
/** The day it is, and the figures by which identity numbers are judged. */
export interface Judgement {
  readonly today: LocalDate;
  readonly figures: readonly IdentityFigures[];
}

export type EmployeeEvent =
  | { readonly type: 'EmployeeRegistered'; readonly employee: Employee; readonly agencyId: string }
  | { readonly type: 'EmployeeCorrected'; readonly employee: Employee; readonly agencyId: string }
  | {
      readonly type: 'EmployeeTransferred';
      readonly employee: Employee;
      readonly from: Employment;
      readonly to: Employment;
    }
  | {
      readonly type: 'EmployeeLeft';
      readonly employee: Employee;
      readonly agencyId: string;
      readonly validTo: LocalDate;
    };

/**
 * Enters a civil servant.
 * @throws NIP_* on `nip` (see `identity-number.ts`); TEXT_* on `name`; CONTRACT_REQUIRED, CONTRACT_NOT_ALLOWED on
 *   `contractFrom`; INTERVAL_REVERSED on `contractTo`
 */
export function registerEmployee(
  id: string,
  agencyId: string,
  input: Particulars,
  judgement: Judgement,
): Decision<Employee, EmployeeEvent> {
  const employee: Employee = { id, ...checked(input, judgement), leftOn: null, version: 1 };
  return { state: employee, events: [{ type: 'EmployeeRegistered', employee, agencyId }] };
}

/**
 * Corrects what was entered wrongly, or has become otherwise (a CPNS became PNS, a contract was renewed).
 * @param input all of it, the fields that stay among them
 * @param latestStart the last day on which the service may have begun, for what is recorded of it began then
 * @throws as `registerEmployee`; CONFLICT on `expectedVersion`; SERVICE_FROM_TOO_LATE on `serviceFrom`
 */
export function correctEmployee(
  employee: Employee,
  input: Particulars,
  expectedVersion: number,
  { agencyId, latestStart }: { readonly agencyId: string; readonly latestStart: LocalDate | null },
  judgement: Judgement,
): Decision<Employee, EmployeeEvent> {
  requireVersion(employee.version, expectedVersion);
  const particulars = checked(input, judgement);
  if (latestStart !== null && particulars.serviceFrom > latestStart) {
    throw new DomainError('SERVICE_FROM_TOO_LATE', 'The person served before that day. Choose an earlier one.', {
      field: 'serviceFrom',
      latest: latestStart,
    });
  }
  const state = { ...employee, ...particulars, version: employee.version + 1 };
  return { state, events: [{ type: 'EmployeeCorrected', employee: state, agencyId }] };
}

/**
 * Moves a person to another agency from a day on.
 * @throws EMPLOYEE_LEFT; TRANSFER_TO_SAME_AGENCY on `toAgencyId`; TRANSFER_TOO_EARLY on `validFrom`
 */
export function transferEmployee(
  employee: Employee,
  current: Employment,
  toAgencyId: string,
  validFrom: LocalDate,
): Decision<{ employee: Employee; from: Employment; to: Employment }, EmployeeEvent> {
  requireInService(employee);
  if (current.agencyId === toAgencyId) {
    throw new DomainError('TRANSFER_TO_SAME_AGENCY', 'The person works for that agency already.', {
      field: 'toAgencyId',
    });
  }
  if (validFrom <= current.validFrom) {
    throw new DomainError('TRANSFER_TOO_EARLY', 'The transfer must lie after the first day with the present agency.', {
      field: 'validFrom',
      after: current.validFrom,
    });
  }
  const moved = { ...employee, version: employee.version + 1 };
  const from = { ...current, validTo: addDays(validFrom, -1) };
  const to = { employeeId: employee.id, agencyId: toAgencyId, validFrom, validTo: null };
  return { state: { employee: moved, from, to }, events: [{ type: 'EmployeeTransferred', employee: moved, from, to }] };
}

/**
 * Records that a person left the civil service; the last day still counts.
 * @throws EMPLOYEE_LEFT; LEFT_BEFORE_SERVICE on `lastDay`
 */
export function leave(
  employee: Employee,
  current: Employment,
  lastDay: LocalDate,
): Decision<{ employee: Employee; employment: Employment }, EmployeeEvent> {
  requireInService(employee);
  if (lastDay < current.validFrom) {
    throw new DomainError('LEFT_BEFORE_SERVICE', 'The last day lies before the first with the present agency.', {
      field: 'lastDay',
      from: current.validFrom,
    });
  }
  const left = { ...employee, leftOn: lastDay, version: employee.version + 1 };
  const { agencyId } = current;
  return {
    state: { employee: left, employment: { ...current, validTo: lastDay } },
    events: [{ type: 'EmployeeLeft', employee: left, agencyId, validTo: lastDay }],
  };
}

/**
 * The employment within which a day lies, with one agency when it is named.
 * @throws NOT_EMPLOYED with the input's `field`
 */
export function employmentAt(
  employments: readonly Employment[],
  date: LocalDate,
  { agencyId, field }: { readonly agencyId?: string; readonly field: string },
): Employment {
  const found = employments.find((held) => holdsAt(held, date) && (agencyId ?? held.agencyId) === held.agencyId);
  if (found) return found;
  throw new DomainError('NOT_EMPLOYED', 'The person does not work for this agency on that day. Check the day.', {
    field,
  });
}

/** @throws EMPLOYEE_LEFT */
export function requireInService(employee: Pick<Employee, 'leftOn'>): void {
  if (employee.leftOn === null) return;
  throw new DomainError('EMPLOYEE_LEFT', 'The person has left the civil service.', { leftOn: employee.leftOn });
}

/** A PPPK serves by a contract with two ends (PP 49/2018); a PNS or CPNS by none. */
function checked(input: Particulars, { today, figures }: Judgement): Particulars {
  const name = requireText(input.name, 'name', { max: 200 });
  const nip = parseIdentityNumber(input.nip, input.kind, today, figures).number;
  const { contractFrom, contractTo } = input;
  if (!isContractual(input.kind) && (contractFrom !== null || contractTo !== null)) {
    throw new DomainError('CONTRACT_NOT_ALLOWED', 'A PNS or CPNS has no contract. Leave its dates out.', {
      field: 'contractFrom',
    });
  }
  if (isContractual(input.kind)) {
    if (contractFrom === null || contractTo === null) {
      throw new DomainError('CONTRACT_REQUIRED', 'A PPPK has a contract. Give its first and last day.', {
        field: 'contractFrom',
      });
    }
    requireInterval(contractFrom, contractTo, 'contractTo');
  }
  const { kind, serviceFrom } = input;
  return { name, nip, kind, serviceFrom, contractFrom, contractTo };
}
