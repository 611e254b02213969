/** Plans that were agreed on paper, entered by the personnel office: ten statements, however many. */
import { DomainError, requireId } from '@merit/chassis/errors';
import { type ImportAnswer, judgeRows, requireRows } from '@merit/chassis/import';
import { localDateAt } from '@merit/chassis/local-date';
import type { By } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import type { Period } from '../period/period.js';
import { requirePeriod, staffOf } from '../period/period-import.table.js';
import { sameContent } from './content.js';
import { announcePlans } from './plan.commands.js';
import { type WorkResultInput, workResultsFrom } from './plan.input.js';
import { agree, draft, type Plan, type PlanEvent } from './plan.js';
import { insertPlans, lockPlansInPeriod } from './plan.table.js';

export interface ImportPlans {
  readonly agencyId: string;
  readonly year: number;
  readonly rows: readonly PlanRow[];
  readonly validateOnly: boolean;
  /** Who imports: nobody enters their own. */
  readonly viewer: string | null;
}
export interface PlanRow {
  readonly employeeId: string;
  readonly agreedOn: string;
  readonly startsOn?: string | null;
  readonly endsOn?: string | null;
  readonly workResults: readonly WorkResultInput[];
}

/**
 * Enters plans with the day of their agreement. A plan that is there with the same content stays; with other content it
 * is a problem of its row, for an import does not overwrite.
 * @throws PERIOD_NOT_FOUND, TOO_MANY_ROWS
 */
export async function importPlans(tx: EntityManager, by: By, command: ImportPlans): Promise<ImportAnswer> {
  requireRows(command.rows);
  const period = await requirePeriod(tx, command.agencyId, command.year);
  const ids = command.rows.map(({ employeeId }) => employeeId);
  const staff = await staffOf(tx, command.agencyId, ids);
  const seen = new Map((await lockPlansInPeriod(tx, period.id, [...staff])).map((plan) => [plan.employeeId, plan]));
  const known = new Set(seen.keys());
  const { fresh, unchanged, problems } = judgeRows(command.rows, (row): PlanEvent | null => {
    const made = enter(row, { by, period, staff, viewer: command.viewer });
    const before = seen.get(made.plan.employeeId);
    if (before && !(before.status === 'AGREED' && sameContent(before, made.plan))) throw different(known, before);
    seen.set(made.plan.employeeId, before ?? made.plan);
    return before ? null : made;
  });
  if (problems.length === 0 && !command.validateOnly) await write(tx, by, fresh);
  return { imported: fresh.length, unchanged, problems };
}

interface Setting {
  readonly by: By;
  readonly period: Period;
  readonly staff: ReadonlySet<string>;
  readonly viewer: string | null;
}

function enter(row: PlanRow, { by, period, staff, viewer }: Setting): PlanEvent {
  const employeeId = requireId(row.employeeId, 'employeeId');
  if (!staff.has(employeeId)) {
    throw new DomainError(
      'EMPLOYEE_NOT_FOUND',
      'There is no such employee in this agency, or they are not known here yet.',
      {
        field: 'employeeId',
      },
    );
  }
  if (employeeId === viewer)
    throw new DomainError('OWN_RECORD', 'Nobody enters their own plan.', { field: 'employeeId' });
  if (row.agreedOn > localDateAt(by.now(), period.timeZone)) {
    throw new DomainError('AGREED_IN_FUTURE', 'The day of agreement lies in the future.', { field: 'agreedOn' });
  }
  const plan = draft(null, {
    id: by.newId(),
    employeeId,
    period,
    startsOn: row.startsOn ?? null,
    endsOn: row.endsOn ?? null,
    workResults: workResultsFrom(row.workResults, by.newId),
  });
  const [event] = agree(plan, null, duringDay(row.agreedOn)).events;
  return event!;
}

/** An hour that lies on the same day everywhere in Indonesia. */
const duringDay = (date: string) => new Date(`${date}T05:00:00Z`);

async function write(tx: EntityManager, by: By, events: readonly PlanEvent[]): Promise<void> {
  const made = await insertPlans(
    tx,
    events.map(({ plan }) => plan),
  );
  // Someone else entered a plan between our look and our write: nothing of this call may stand.
  if (made.length < events.length)
    throw new DomainError('BUSY', 'Someone else is entering these plans. Try again in a moment.');
  await announcePlans(tx, by, events);
}

const different = (known: ReadonlySet<string>, { employeeId }: Plan) =>
  known.has(employeeId)
    ? new DomainError('PLAN_EXISTS', 'This person has a plan with other content, or a draft. Change that one.', {
        field: 'employeeId',
      })
    : new DomainError('ROW_REPEATED', 'Another row has a plan of this person with other content.', {
        field: 'employeeId',
      });
