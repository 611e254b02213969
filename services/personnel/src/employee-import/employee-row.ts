/** A row of a table of people, read: each value is what it must be, or the row is refused. */
import { DomainError, requireText } from '@merit/chassis/errors';
import { judgeRow } from '@merit/chassis/import';
import { type LocalDate, requireDate } from '@merit/chassis/local-date';
import { ASSIGNMENT_KINDS, type AssignmentKind } from '../assignment/assignment.js';
import { cell, requireOneOf } from '../cell.js';
import { EMPLOYEE_KINDS, type Particulars } from '../employee/employee.js';
import { POSITION_KINDS, type PositionKind } from '../position/position.js';

export interface EmployeeRow {
  readonly nip: string;
  readonly name: string;
  readonly kind: string;
  readonly serviceFrom: string;
  readonly contractFrom?: string | null;
  readonly contractTo?: string | null;
  readonly unitCode?: string | null;
  readonly positionTitle?: string | null;
  readonly positionKind?: string | null;
  readonly leading?: boolean | null;
  readonly assignmentKind?: string | null;
  readonly decreeNumber?: string | null;
  readonly decreeDate?: string | null;
  readonly validFrom?: string | null;
}

/** What the row says the person holds. */
export interface Holding {
  readonly unitCode: string;
  readonly title: string;
  readonly positionKind: PositionKind;
  readonly leading: boolean;
  readonly kind: AssignmentKind;
  readonly decreeNumber: string;
  readonly decreeDate: LocalDate;
  readonly validFrom: LocalDate;
}
export interface ParsedRow {
  readonly particulars: Particulars;
  readonly holding: Holding | null;
}

/** @throws DATE_INVALID, VALUE_UNKNOWN, VALUE_REQUIRED, TEXT_* with the field at fault */
export function parseRow(row: EmployeeRow): ParsedRow {
  const particulars: Particulars = {
    name: row.name,
    nip: row.nip.replace(/[\t ]/g, ''),
    kind: requireOneOf(row.kind, EMPLOYEE_KINDS, 'kind'),
    serviceFrom: requireDate(row.serviceFrom.trim(), 'serviceFrom'),
    contractFrom: dateOrNull(row.contractFrom, 'contractFrom'),
    contractTo: dateOrNull(row.contractTo, 'contractTo'),
  };
  const unitCode = cell(row.unitCode);
  if (unitCode !== null) {
    return { particulars, holding: { unitCode: requireText(unitCode, 'unitCode', { max: 50 }), ...holdingOf(row) } };
  }
  if (cell(row.positionTitle) !== null) required(row.unitCode, 'unitCode');
  return { particulars, holding: null };
}

const holdingOf = (row: EmployeeRow): Omit<Holding, 'unitCode'> => ({
  title: required(row.positionTitle, 'positionTitle'),
  positionKind: requireOneOf(required(row.positionKind, 'positionKind'), POSITION_KINDS, 'positionKind'),
  leading: row.leading ?? false,
  kind: requireOneOf(cell(row.assignmentKind) ?? 'DEFINITIF', ASSIGNMENT_KINDS, 'assignmentKind'),
  decreeNumber: required(row.decreeNumber, 'decreeNumber'),
  decreeDate: requireDate(required(row.decreeDate, 'decreeDate'), 'decreeDate'),
  validFrom: requireDate(required(row.validFrom, 'validFrom'), 'validFrom'),
});

const dateOrNull = (value: string | null | undefined, field: string): LocalDate | null => {
  const text = cell(value);
  return text === null ? null : requireDate(text, field);
};

function required(value: string | null | undefined, field: string): string {
  const text = cell(value);
  if (text !== null) return text;
  throw new DomainError('VALUE_REQUIRED', `${field} may not be empty, for the row names a position.`, { field });
}

/** The numbers and unit codes of the rows that can be read: what is to be looked up. */
export function namesIn(rows: readonly EmployeeRow[]): { nips: string[]; unitCodes: string[] } {
  const readable = rows.flatMap((row, index) => judgeRow([], index, () => parseRow(row)) ?? []);
  return {
    nips: readable.flatMap(({ particulars: { nip } }) => (/^[0-9]{18}$/.test(nip) ? nip : [])),
    unitCodes: readable.flatMap(({ holding }) => holding?.unitCode ?? []),
  };
}
