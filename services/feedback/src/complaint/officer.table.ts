/** Where an officer works: who sets a complaint's class does not work in its unit. */

import { load, remembered, type ServiceContext } from '@merit/chassis/api/context';
import { DomainError } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import { prepared } from '@merit/chassis/prepared';
import { personAt } from '@merit/directory/directory';
import { placesToday } from '@merit/directory/judgement.table';
import type { EntityManager } from 'typeorm';
import { zoneOf } from '../service/service.table.js';
import type { Officer } from './officer.js';

/**
 * The viewer with regard to a unit. Inside are those who work in it or below it, by any of their positions. Of a unit
 * that has none above it everyone would be, so there only those count who work in that very unit.
 */
export async function officerOf(context: ServiceContext, unitId: string): Promise<Officer> {
  const { viewer } = context;
  if (viewer.kind !== 'EMPLOYEE') return { employeeId: null, inside: false };
  const { employeeId } = viewer;
  const inside = await remembered(context, `inside ${unitId}`, () => worksInside(context, employeeId, unitId));
  return { employeeId, inside };
}

async function worksInside(context: ServiceContext, employeeId: string, unitId: string): Promise<boolean> {
  const { agencyId, lineage } = await load(context, placesToday, { unit: unitId });
  const zone = await remembered(context, `zone ${agencyId}`, () => zoneOf(context.db, agencyId ?? unitId));
  const today = localDateAt(context.now(), zone);
  const units = await remembered(context, `units on ${today}`, () => unitsOn(context, employeeId, today));
  const isTop = lineage.length <= 1;
  const lineages = await Promise.all(units.map(({ id }) => load(context, placesToday, { unit: id })));
  return units.some(({ id }, i) => id === unitId || (!isTop && lineages[i]!.lineage.includes(unitId)));
}

const unitsOn = ({ db }: ServiceContext, employeeId: string, day: string): Promise<{ id: string }[]> =>
  prepared(
    db,
    `select distinct unit_id as id from directory_assignment
      where employee_id = $1 and annulled_at is null and valid_from <= $2 and (valid_to is null or $2 <= valid_to)`,
    [employeeId, day],
  );

/** @throws EMPLOYEE_NOT_FOUND on `field` for anyone who is not known here */
export async function requireEmployees(
  tx: EntityManager,
  ids: readonly string[],
  today: string,
  field: string,
): Promise<void> {
  const known = await personAt(tx, ids, today);
  if (ids.every((id) => known.has(id))) return;
  throw new DomainError('EMPLOYEE_NOT_FOUND', 'There is no such employee, or they are not known here yet.', { field });
}
