import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireId } from '@merit/chassis/errors';
import { type ImportAnswer, requireRows } from '@merit/chassis/import';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { requireAgency } from '../agency/agency.table.js';
import * as assignments from '../assignment/assignment.events.js';
import { addAssignments } from '../assignment/assignment.table.js';
import * as employees from '../employee/employee.events.js';
import { addEmployees } from '../employee/employee.table.js';
import { IDENTITY_FIGURES } from '../employee/identity-number.figures.js';
import { claimNumbers } from '../employee/identity-number.table.js';
import { addPositions } from '../position/position.table.js';
import { type Message, publish } from '../publish.js';
import { type EmployeePlan, planEmployees } from './employee-import.js';
import { loadKnown } from './employee-import.table.js';
import { type EmployeeRow, namesIn } from './employee-row.js';

export interface ImportEmployees {
  readonly agencyId: string;
  readonly rows: readonly EmployeeRow[];
  readonly validateOnly?: boolean | null;
}

/**
 * HR of the agency. Some twenty statements, however many rows.
 * @throws AGENCY_NOT_FOUND, TOO_MANY_ROWS; CONFLICT when someone else entered one of the people meanwhile
 */
export async function importEmployees(
  tx: EntityManager,
  context: ServiceContext,
  command: ImportEmployees,
): Promise<ImportAnswer> {
  const agencyId = requireId(command.agencyId, 'agencyId');
  const { rows } = command;
  requireRows(rows);
  const now = context.now();
  const { today } = await requireAgency(tx, agencyId, now, { lock: true });
  await demand(context, ['HR'], { agency: agencyId });
  const known = await loadKnown(tx, now, { agencyId, ...namesIn(rows) });
  const { viewer, newId } = context;
  const actor = viewer.kind === 'EMPLOYEE' ? viewer.employeeId : null;
  const plan = planEmployees(rows, known, { agencyId, today, now, newId, figures: IDENTITY_FIGURES, actor });
  const { unchanged, problems } = plan;
  if (problems.length > 0) return { imported: 0, unchanged, problems };
  if (!command.validateOnly) await carryOut(tx, context, agencyId, plan);
  return { imported: plan.imported, unchanged, problems };
}

async function carryOut(tx: EntityManager, context: ServiceContext, agencyId: string, plan: EmployeePlan) {
  await addEmployees(tx, agencyId, plan.employees);
  const claimed = await claimNumbers(tx, plan.employees);
  if (claimed.size < plan.employees.length) {
    throw new DomainError('CONFLICT', 'Someone else entered one of these people just now. Import again.', {
      field: 'rows',
    });
  }
  await addPositions(tx, plan.positions);
  await addAssignments(tx, plan.assignments);
  const toMessage = (event: EmployeePlan['events'][number]): Message =>
    'assignment' in event ? assignments.toMessage(event, agencyId) : employees.toMessage(event);
  await publish(tx, context, plan.events.map(toMessage));
}
