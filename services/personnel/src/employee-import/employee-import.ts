/**
 * Many people and what they hold at once, from a table: each row is new, or there already with the same content, or
 * wrong. Judged by the same rules as one person at a time.
 */
import { DomainError } from '@merit/chassis/errors';
import { type ImportProblem, judgeRow } from '@merit/chassis/import';
import type { LocalDate } from '@merit/chassis/local-date';
import { type Assignment, type AssignmentEvent, assign } from '../assignment/assignment.js';
import {
  type Employee,
  type EmployeeEvent,
  type Employment,
  employmentAt,
  type Particulars,
  registerEmployee,
} from '../employee/employee.js';
import type { IdentityFigures } from '../employee/identity-number.figures.js';
import { createPosition, type Position, sameTitle } from '../position/position.js';
import type { Unit } from '../unit/unit.js';
import { type EmployeeRow, type Holding, type ParsedRow, parseRow } from './employee-row.js';

export interface Person {
  readonly employee: Employee;
  readonly employments: readonly Employment[];
  readonly held: Assignment[];
}
/** What is there already, of the people, units and positions that the rows name. Grows while rows are judged. */
export interface Known {
  readonly units: ReadonlyMap<string, Unit>;
  readonly people: Map<string, Person>;
  /** Numbers of people whom the agency never employed. */
  readonly elsewhere: ReadonlySet<string>;
  /** By unit. */
  readonly positions: Map<string, Position[]>;
  /** Who holds a leading position, by position. */
  readonly holders: Map<string, Assignment[]>;
}
export interface Outside {
  readonly agencyId: string;
  readonly today: LocalDate;
  readonly now: Date;
  readonly newId: () => string;
  readonly figures: readonly IdentityFigures[];
  /** Who imports, when that is an employee: nobody changes their own record. */
  readonly actor: string | null;
}
export interface EmployeePlan {
  readonly employees: Employee[];
  readonly positions: Position[];
  readonly assignments: { readonly assignment: Assignment; readonly position: Position }[];
  readonly events: (EmployeeEvent | AssignmentEvent)[];
  imported: number;
  unchanged: number;
  readonly problems: ImportProblem[];
}

/**
 * What to do with the rows of a table of people.
 * Problems, a row each: those of `parseRow`; NIP_TAKEN, EMPLOYEE_DIFFERS, UNIT_NOT_FOUND, POSITION_DIFFERS, FORBIDDEN
 * (one's own record), ASSIGNMENT_ANNULLED; and those of `registerEmployee`, `createPosition` and `assign`.
 */
export function planEmployees(rows: readonly EmployeeRow[], known: Known, outside: Outside): EmployeePlan {
  const plan: EmployeePlan = {
    employees: [],
    positions: [],
    assignments: [],
    events: [],
    imported: 0,
    unchanged: 0,
    problems: [],
  };
  rows.forEach((row, index) => {
    const isNew = judgeRow(plan.problems, index, () => take(parseRow(row), plan, known, outside));
    if (isNew === true) plan.imported += 1;
    if (isNew === false) plan.unchanged += 1;
  });
  return plan;
}

/** Whether the row says something new, which is then planned. */
function take({ particulars, holding }: ParsedRow, plan: EmployeePlan, known: Known, outside: Outside): boolean {
  const there = known.people.get(particulars.nip);
  if (there) requireSame(there.employee, particulars);
  const person = there ?? enter(particulars, plan, known, outside);
  const isHeld = holding === null || appoint(person, holding, plan, known, outside);
  return !there || !isHeld;
}

function enter(particulars: Particulars, plan: EmployeePlan, known: Known, outside: Outside): Person {
  if (known.elsewhere.has(particulars.nip)) {
    const message = 'Another agency has a person with this number. Check it, or ask for a transfer.';
    throw new DomainError('NIP_TAKEN', message, { field: 'nip' });
  }
  const { state, events } = registerEmployee(outside.newId(), outside.agencyId, particulars, outside);
  const employment = { employeeId: state.id, agencyId: outside.agencyId, validFrom: state.serviceFrom, validTo: null };
  const person: Person = { employee: state, employments: [employment], held: [] };
  known.people.set(state.nip, person);
  plan.employees.push(state);
  plan.events.push(...events);
  return person;
}

/** Plans the appointment unless it is there already; answers whether it was. */
function appoint(person: Person, holding: Holding, plan: EmployeePlan, known: Known, outside: Outside): boolean {
  const unit = known.units.get(holding.unitCode);
  if (!unit) throw new DomainError('UNIT_NOT_FOUND', 'The agency has no unit of that code.', { field: 'unitCode' });
  const position = positionOf(unit, holding, plan, known, outside);
  const { kind, validFrom, decreeNumber, decreeDate } = holding;
  const same = person.held.find(
    (held) => held.positionId === position.id && held.kind === kind && held.validFrom === validFrom,
  );
  if (same?.annulledAt) {
    throw new DomainError('ASSIGNMENT_ANNULLED', 'This appointment was annulled. Leave the row out.', {
      field: 'positionTitle',
    });
  }
  if (same) return true;
  if (person.employee.id === outside.actor) {
    throw new DomainError('FORBIDDEN', 'Nobody changes their own record. Ask a colleague.', { field: 'nip' });
  }
  const holders = known.holders.get(position.id) ?? [];
  const { state, events } = assign(
    {
      id: outside.newId(),
      employeeId: person.employee.id,
      kind,
      validFrom,
      validTo: null,
      decreeNumber,
      decreeDate,
      recordedAt: outside.now,
    },
    {
      position,
      service: employmentAt(person.employments, validFrom, { agencyId: outside.agencyId, field: 'validFrom' }),
      unit,
      ofPerson: person.held,
      ofPosition: holders,
      today: outside.today,
    },
  );
  person.held.push(state);
  if (position.leading) known.holders.set(position.id, [...holders, state]);
  plan.assignments.push({ assignment: state, position });
  plan.events.push(...events);
  return false;
}

/** The unit's position of that title, made when there is none. */
function positionOf(unit: Unit, holding: Holding, plan: EmployeePlan, known: Known, outside: Outside): Position {
  const others = known.positions.get(unit.id) ?? [];
  const { title, positionKind: kind, leading } = holding;
  const found = others.find((position) => sameTitle(position.title, title.normalize('NFC')));
  if (found && found.kind === kind && found.leading === leading) return found;
  if (found) {
    const field = found.kind === kind ? 'leading' : 'positionKind';
    throw new DomainError('POSITION_DIFFERS', 'The unit has that position as another kind. Make them equal.', {
      field,
    });
  }
  const { state } = createPosition({ id: outside.newId(), unitId: unit.id, title, kind, leading }, others);
  known.positions.set(unit.id, [...others, state]);
  plan.positions.push(state);
  return state;
}

const COMPARED = ['name', 'kind', 'serviceFrom', 'contractFrom', 'contractTo'] as const;

function requireSame(employee: Employee, row: Particulars): void {
  const wanted = { ...row, name: row.name.trim().normalize('NFC') };
  const field = COMPARED.find((name) => employee[name] !== wanted[name]);
  if (field === undefined) return;
  const message = 'A person with this number is registered otherwise. Correct the record, or the row.';
  throw new DomainError('EMPLOYEE_DIFFERS', message, { field });
}
