/** What every import checks its rows against. */
import { DomainError, isId } from '@merit/chassis/errors';
import type { EntityManager } from 'typeorm';
import type { Period } from './period.js';
import { periodsOf } from './period.table.js';

/** @throws PERIOD_NOT_FOUND */
export async function requirePeriod(tx: EntityManager, agencyId: string, year: number): Promise<Period> {
  const [period] = await periodsOf(tx, [agencyId], [year]);
  if (period) return period;
  throw new DomainError('PERIOD_NOT_FOUND', `The agency has not opened ${year} yet. Open it with openPeriod.`, {
    field: 'year',
  });
}

/** Of these people, those who are or were with the agency. Ids in lower case. */
export async function staffOf(
  tx: EntityManager,
  agencyId: string,
  employeeIds: readonly string[],
): Promise<Set<string>> {
  const rows: { employee_id: string }[] = await tx.query(
    'select distinct employee_id from directory_employment where agency_id = $1 and employee_id = any($2)',
    [agencyId, employeeIds.filter(isId)],
  );
  return new Set(rows.map((row) => row.employee_id));
}
