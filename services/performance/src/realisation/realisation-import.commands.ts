/** Realisations kept elsewhere, entered by the personnel office: ten statements, however many. */
import { DomainError, requireId } from '@merit/chassis/errors';
import { type ImportAnswer, judgeRows, requireRows } from '@merit/chassis/import';
import { localDateAt } from '@merit/chassis/local-date';
import type { By } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import { requirePeriod, staffOf } from '../period/period-import.table.js';
import type { Agreed, Plan } from '../plan/plan.js';
import { lockPlansInPeriod } from '../plan/plan.table.js';
import { announceRealisations } from './realisation.commands.js';
import { type ReportInput, reportFrom } from './realisation.input.js';
import { type Realisation, type RealisationEvent, report } from './realisation.js';
import { insertRealisations, realisationsOfPlans } from './realisation.table.js';

export interface ImportRealisations {
  readonly agencyId: string;
  readonly year: number;
  readonly rows: readonly RealisationRow[];
  readonly validateOnly: boolean;
  /** Who imports: nobody enters their own. */
  readonly viewer: string | null;
}
/** An indicator is found by its name, within the work result of that title when the name alone is not enough. */
export interface RealisationRow extends ReportInput {
  readonly employeeId: string;
  readonly workResult?: string | null;
  readonly indicator: string;
}

/**
 * Enters realisations. One with the same indicator, day, quantity and evidence is there already and stays.
 * @throws PERIOD_NOT_FOUND, TOO_MANY_ROWS
 */
export async function importRealisations(
  tx: EntityManager,
  by: By,
  command: ImportRealisations,
): Promise<ImportAnswer> {
  requireRows(command.rows);
  const period = await requirePeriod(tx, command.agencyId, command.year);
  const staff = await staffOf(
    tx,
    command.agencyId,
    command.rows.map(({ employeeId }) => employeeId),
  );
  const plans = new Map((await lockPlansInPeriod(tx, period.id, [...staff])).map((plan) => [plan.employeeId, plan]));
  const seen = new Set(
    (
      await realisationsOfPlans(
        tx,
        [...plans.values()].map(({ id }) => id),
      )
    ).map(nameOf),
  );
  const today = localDateAt(by.now(), period.timeZone);
  const { fresh, unchanged, problems } = judgeRows(command.rows, (row): RealisationEvent | null => {
    const plan = planOf(row, plans, command.viewer);
    const given = { ...reportFrom(row), id: by.newId(), reportedAt: by.now() };
    const [event] = report(plan, indicatorOf(row, plan), given, today).events;
    const name = nameOf(event!.realisation);
    if (seen.has(name)) return null;
    seen.add(name);
    return event!;
  });
  if (problems.length === 0 && !command.validateOnly) {
    await insertRealisations(
      tx,
      fresh.map(({ realisation }) => realisation),
      by.actor,
    );
    await announceRealisations(tx, by, fresh);
  }
  return { imported: fresh.length, unchanged, problems };
}

/** What makes two realisations the same. */
const nameOf = ({ indicatorId, realisedOn, quantity, evidence }: Realisation): string =>
  JSON.stringify([indicatorId, realisedOn, quantity, evidence.text, evidence.url]);

function planOf(row: RealisationRow, plans: ReadonlyMap<string, Plan>, viewer: string | null): Plan {
  const employeeId = requireId(row.employeeId, 'employeeId');
  if (employeeId === viewer) {
    throw new DomainError('OWN_RECORD', 'Nobody imports their own realisations. Report them.', { field: 'employeeId' });
  }
  const plan = plans.get(employeeId);
  if (plan) return plan;
  throw new DomainError('PLAN_NOT_FOUND', 'This person has no plan with the agency in this year.', {
    field: 'employeeId',
  });
}

function indicatorOf({ workResult, indicator }: RealisationRow, { workResults }: Pick<Agreed, 'workResults'>): string {
  const same = (a: string, b: string) => a.trim().normalize('NFC').toLowerCase() === b.toLowerCase();
  const found = workResults
    .filter(({ title }) => workResult == null || same(workResult, title))
    .flatMap(({ indicators }) => indicators.filter(({ name }) => same(indicator, name)));
  if (found.length === 1) return found[0]!.id;
  throw found.length === 0
    ? new DomainError('INDICATOR_NOT_FOUND', 'The plan has no indicator of this name.', { field: 'indicator' })
    : new DomainError('INDICATOR_AMBIGUOUS', 'Several indicators have this name. Give the work result too.', {
        field: 'workResult',
      });
}
