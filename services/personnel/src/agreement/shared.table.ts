/** Whom a partner agency's client may read of, a page at a time. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { type Page, seek } from '@merit/chassis/api/page';
import { sharedWith } from '@merit/directory/directory';
import { EMPLOYEE_TODAY, type EmployeeToday } from '../employee/employee.table.js';

/** Those whom an agency shares with the viewer today, by name; nobody for a viewer who is no machine client. */
export async function sharedPage({ db, now, viewer }: ServiceContext, agencyId: string, page: Page) {
  if (viewer.kind !== 'CLIENT') return [];
  const { where, orderBy, limit, parameters } = seek(
    page,
    [
      { sql: 'employee.name', type: 'text' },
      { sql: 'employee.id', type: 'uuid' },
    ],
    { firstParameter: 4 },
  );
  const rows: EmployeeToday[] = await db.query(
    `${sharedWith({ now: '$1', clientId: '$2' })}
     ${EMPLOYEE_TODAY}
      where employee.id in (select employee_id from shared where agency_id = $3)
        and ${where} order by ${orderBy} limit ${limit}`,
    [now(), viewer.clientId, agencyId, ...parameters],
  );
  return rows;
}
