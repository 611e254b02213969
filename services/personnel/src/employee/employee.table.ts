import type { ServiceContext } from '@merit/chassis/api/context';
import { type Key, type Page, seek } from '@merit/chassis/api/page';
import { type List, type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { inOrder } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { groupBy } from '@merit/chassis/group-by';
import type { LocalDate } from '@merit/chassis/local-date';
import { prepared } from '@merit/chassis/prepared';
import { type DataSource, type EntityManager, EntitySchema } from 'typeorm';
import type { Employee, Employment } from './employee.js';

export const EmployeeTable = new EntitySchema<Omit<Employee, 'nip'>>({
  name: 'employee',
  columns: {
    id: { type: 'uuid', primary: true },
    name: { type: 'text' },
    kind: { type: 'text' },
    serviceFrom: { type: 'date', name: 'service_from' },
    contractFrom: { type: 'date', name: 'contract_from', nullable: true },
    contractTo: { type: 'date', name: 'contract_to', nullable: true },
    leftOn: { type: 'date', name: 'left_on', nullable: true },
    version: { type: 'int' },
  },
});
export const EmploymentTable = new EntitySchema<Employment>({
  name: 'employment',
  columns: {
    employeeId: { type: 'uuid', name: 'employee_id', primary: true },
    agencyId: { type: 'uuid', name: 'agency_id' },
    validFrom: { type: 'date', name: 'valid_from', primary: true },
    validTo: { type: 'date', name: 'valid_to', nullable: true },
  },
});

/** A person as of today in their agency's zone. Before the first day, that agency is the one to come. */
export interface EmployeeToday extends Employee {
  readonly agencyId: string;
  readonly today: LocalDate;
}

const COLUMNS = `employee.id, employee.name, identity_number.number as nip, employee.kind,
         employee.service_from as "serviceFrom", employee.contract_from as "contractFrom",
         employee.contract_to as "contractTo", employee.left_on as "leftOn", employee.version,
         employed.agency_id as "agencyId", employed.today`;
/** $1 is now. */
const FROM = `employee
    join identity_number on identity_number.employee_id = employee.id
   cross join lateral (
     select employment.agency_id, employment.valid_to, day.today
       from employment
       join agency on agency.id = employment.agency_id
      cross join lateral (select ($1::timestamptz at time zone agency.time_zone)::date as today) day
      where employment.employee_id = employee.id
      order by employment.valid_from <= day.today desc, employment.valid_from desc limit 1) employed`;
export const EMPLOYEE_TODAY = `select ${COLUMNS} from ${FROM}`;
const BY_NAME: readonly Key[] = [
  { sql: 'employee.name', type: 'text' },
  { sql: 'employee.id', type: 'uuid' },
];

/** Null for those that do not exist. */
export async function employeesById(
  context: ServiceContext,
  ids: readonly string[],
): Promise<(EmployeeToday | null)[]> {
  return inOrder(ids, await findEmployees(context.db, context.now(), ids));
}

export const findEmployees = (
  db: DataSource | EntityManager,
  now: Date,
  ids: readonly string[],
): Promise<EmployeeToday[]> => prepared(db, `${EMPLOYEE_TODAY} where employee.id = any($2)`, [now, ids]);

export interface EmployeeFilter {
  readonly agencyId?: string | null | undefined;
  readonly unitId?: string | null | undefined;
  /** A part of the name. */
  readonly search?: string | null | undefined;
}

/**
 * Those who serve today, or will, by name: of an agency, of a unit (by any position held today), by a part of the name.
 * Only what is asked for stands in the statement, so that an index leads to it among millions.
 */
export function employeePage(
  { db, now }: ServiceContext,
  filter: EmployeeFilter,
  page: Page,
): Promise<EmployeeToday[]> {
  const given: unknown[] = [now()];
  const asked = (value: unknown, condition: (parameter: string) => string) =>
    value == null ? [] : [condition(`$${given.push(value)}`)];
  const conditions = [
    '(employed.valid_to is null or employed.valid_to >= employed.today)',
    ...asked(filter.agencyId, (agency) => `employed.agency_id = ${agency}`),
    ...asked(partOf(filter.search), (part) => `employee.name ilike ${part}`),
    ...asked(filter.unitId, inUnit),
  ];
  const { where, orderBy, limit, parameters } = seek(page, BY_NAME, { firstParameter: given.length + 1 });
  return db.query(
    `${EMPLOYEE_TODAY} where ${conditions.join(' and ')} and ${where} order by ${orderBy} limit ${limit}`,
    [...given, ...parameters],
  );
}

/** Those who have, or had, a position there; of these, those who hold one today. */
const inUnit = (unit: string): string =>
  `employee.id in (
     select assignment.employee_id from assignment join position on position.id = assignment.position_id
      where position.unit_id = ${unit} and annulled_at is null)
   and exists (
     select from assignment join position on position.id = assignment.position_id
      where assignment.employee_id = employee.id and position.unit_id = ${unit} and annulled_at is null
        and assignment.valid_from <= employed.today
        and (assignment.valid_to is null or assignment.valid_to >= employed.today))`;

/** What a name must be like to have a part in it; null for any name. */
const partOf = (search: string | null | undefined): string | null =>
  search ? `%${search.replace(/[\\%_]/g, '\\$&')}%` : null;

export interface StaffKey extends PageKey {
  /** A part of the name. */
  readonly search: string | null;
}

/** Pages of those for whom a condition on `employee` and `parent` holds, by name. Of the parameters the first is now. */
export const employeesWhere = (condition: string, parameters: readonly unknown[]): List => ({
  columns: COLUMNS,
  from: `${FROM} where ${condition}`,
  keys: BY_NAME,
  parameters,
});

/** For `load`: a page of each unit's people, by name, as `employeePage` has them. One statement a page and search. */
export async function staffPages({ db, now }: ServiceContext, keys: readonly StaffKey[]): Promise<EmployeeToday[][]> {
  const answers = new Map<StaffKey, EmployeeToday[]>();
  for (const [search, alike] of groupBy(keys, (key) => key.search)) {
    const there = `(employed.valid_to is null or employed.valid_to >= employed.today)
      and ($2::text is null or employee.name ilike $2) and ${inUnit('parent.id')}`;
    const pages = await pagesOf<EmployeeToday>(db, alike, employeesWhere(there, [now(), partOf(search)]));
    for (const [n, key] of alike.entries()) answers.set(key, pages[n]!);
  }
  return keys.map((key) => answers.get(key)!);
}

/**
 * The person and all their employments, held until the transaction ends: whatever concerns one person happens one after
 * another. First the lock, then the reading, for what is read beside a lock is as old as the statement that waits for it.
 * @throws EMPLOYEE_NOT_FOUND with the input's `field`
 */
export async function lockEmployee(
  tx: EntityManager,
  id: string,
  now: Date,
  field = 'employeeId',
): Promise<{ employee: Employee; agencyId: string; today: LocalDate; employments: Employment[] }> {
  await tx.query('select from employee where id = $1 for no key update', [id]);
  const { agencyId, today, ...employee } = await requireEmployee(tx, id, now, field);
  const employments = await tx.find(EmploymentTable, { where: { employeeId: id }, order: { validFrom: 'ASC' } });
  return { employee, agencyId, today, employments };
}

/** @throws EMPLOYEE_NOT_FOUND with the input's `field` */
export async function requireEmployee(tx: EntityManager, id: string, now: Date, field: string): Promise<EmployeeToday> {
  const [employee] = await findEmployees(tx, now, [id]);
  if (!employee) throw new DomainError('EMPLOYEE_NOT_FOUND', 'There is no such employee.', { field });
  return employee;
}

/** Everything of a person but the identity number. */
export async function saveEmployee(tx: EntityManager, { nip: _, ...employee }: Employee): Promise<void> {
  await tx.upsert(EmployeeTable, employee, ['id']);
  if (employee.leftOn === null) return;
  await tx.query(
    'update employee set left_recorded_at = clock_timestamp() where id = $1 and left_recorded_at is null',
    [employee.id],
  );
}

/** Adds people with their first employment, in two statements. */
export async function addEmployees(tx: EntityManager, agencyId: string, people: readonly Employee[]): Promise<void> {
  if (people.length === 0) return;
  await tx.insert(
    EmployeeTable,
    people.map(({ nip: _, ...employee }) => employee),
  );
  await tx.insert(
    EmploymentTable,
    people.map(({ id, serviceFrom }) => ({ employeeId: id, agencyId, validFrom: serviceFrom, validTo: null })),
  );
}

/** Changes the days of an employment. */
export async function changeEmployment(
  tx: EntityManager,
  { employeeId, validFrom }: Employment,
  changed: Partial<Employment>,
): Promise<void> {
  await tx.update(EmploymentTable, { employeeId, validFrom }, changed);
}

export async function addEmployment(tx: EntityManager, employment: Employment): Promise<void> {
  await tx.insert(EmploymentTable, employment);
}

/** The last day on which a person's service may begin, for something recorded of them begins then; null for any day. */
export async function latestStart(tx: EntityManager, employeeId: string): Promise<LocalDate | null> {
  const [row]: { latest: LocalDate | null }[] = await tx.query(
    `select least(
       (select min(valid_to) from employment where employee_id = $1),
       (select min(valid_from) from assignment where employee_id = $1 and annulled_at is null),
       (select min(valid_from) from service_assignment where employee_id = $1),
       (select min(away_from) from availability where employee_id = $1 and cancelled_at is null)) as latest`,
    [employeeId],
  );
  return row!.latest;
}

/** What stood before a correction, why it was made and by whom. */
export const addCorrection = (
  tx: EntityManager,
  correction: { id: string; before: Employee; reason: string; actor: string; recordedAt: Date },
) =>
  tx.query(
    `insert into employee_correction (id, employee_id, before, reason, actor, recorded_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      correction.id,
      correction.before.id,
      JSON.stringify(correction.before),
      correction.reason,
      correction.actor,
      correction.recordedAt,
    ],
  );
