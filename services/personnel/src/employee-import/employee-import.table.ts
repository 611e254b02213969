import { type EntityManager, In } from 'typeorm';
import { AssignmentTable } from '../assignment/assignment.table.js';
import { EmploymentTable, findEmployees } from '../employee/employee.table.js';
import type { Position } from '../position/position.js';
import { PositionTable } from '../position/position.table.js';
import { UnitTable } from '../unit/unit.table.js';
import type { Known, Person } from './employee-import.js';

/**
 * What is there of the people, units and positions that an import names, held until the transaction ends: eight
 * statements, however many rows. The agency's row is held already, so no position is added and no unit changed meanwhile.
 */
export async function loadKnown(
  tx: EntityManager,
  now: Date,
  names: { readonly agencyId: string; readonly nips: readonly string[]; readonly unitCodes: readonly string[] },
): Promise<Known> {
  const people = await loadPeople(tx, now, names.nips);
  const here = [...people].filter(([, { employments }]) =>
    employments.some(({ agencyId }) => agencyId === names.agencyId),
  );
  const units = await tx.findBy(UnitTable, { agencyId: names.agencyId, code: In([...names.unitCodes]) });
  const positions = groupBy(
    await tx.findBy(PositionTable, { unitId: In(units.map(({ id }) => id)) }),
    ({ unitId }) => unitId,
  );
  return {
    units: new Map(units.map((unit) => [unit.code, unit])),
    people: new Map(here),
    elsewhere: new Set([...people.keys()].filter((nip) => !here.some(([own]) => own === nip))),
    positions,
    holders: await loadHolders(tx, [...positions.values()].flat()),
  };
}

async function loadPeople(tx: EntityManager, now: Date, nips: readonly string[]): Promise<Map<string, Person>> {
  // In the order of ids, as every transaction that takes several takes them.
  const ids: { id: string }[] = await tx.query(
    `select id from employee where id in (select employee_id from identity_number where number = any($1))
      order by id for no key update`,
    [nips],
  );
  const employees = await findEmployees(
    tx,
    now,
    ids.map(({ id }) => id),
  );
  const employeeId = In(employees.map(({ id }) => id));
  const employments = groupBy(await tx.findBy(EmploymentTable, { employeeId }), (row) => row.employeeId);
  const held = groupBy(await tx.findBy(AssignmentTable, { employeeId }), (row) => row.employeeId);
  return new Map(
    employees.map(({ agencyId: _, today: __, ...employee }) => [
      employee.nip,
      { employee, employments: employments.get(employee.id) ?? [], held: held.get(employee.id) ?? [] },
    ]),
  );
}

/** Who holds the leading ones, which are locked: of such a position there is one definitive holder. */
async function loadHolders(tx: EntityManager, positions: readonly Position[]) {
  const ids = positions.filter(({ leading }) => leading).map(({ id }) => id);
  await tx.query('select from position where id = any($1) order by id for no key update', [ids]);
  return groupBy(await tx.findBy(AssignmentTable, { positionId: In(ids) }), ({ positionId }) => positionId);
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
