/** The only place that changes periods, and that lets time into the scores. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import { append, type By } from '@merit/chassis/out/outbox';
import { agenciesOf } from '@merit/directory/directory';
import type { DataSource, EntityManager } from 'typeorm';
import { mark } from '../score/backlog.table.js';
import { periodMessage } from './period.events.js';
import { open, type Period, type PeriodEvent, type PeriodKind, reach } from './period.js';
import { insertPeriod, lockPeriod, runningPeriods, saveProgress } from './period.table.js';

export interface OpenPeriod {
  readonly agencyId: string;
  readonly year: number;
  readonly kind: PeriodKind;
}

/**
 * Opens an agency's period; the scores of its people follow.
 * @throws AGENCY_NOT_FOUND, PERIOD_EXISTS, YEAR_OUT_OF_RANGE
 */
export async function openPeriod(tx: EntityManager, by: By, command: OpenPeriod): Promise<{ periodId: string }> {
  const agency = (await agenciesOf(tx, [command.agencyId])).get(command.agencyId);
  if (!agency) {
    throw new DomainError('AGENCY_NOT_FOUND', 'There is no such agency, or it is not known here yet.', {
      field: 'agencyId',
    });
  }
  const decision = open({ ...command, id: by.newId(), timeZone: agency.timeZone }, today(by, agency.timeZone));
  if (!(await insertPeriod(tx, decision.state))) {
    throw new DomainError('PERIOD_EXISTS', `The agency has a period of ${command.year} already.`, { field: 'year' });
  }
  await announce(tx, by, decision);
  return { periodId: decision.state.id };
}

/** Lets each running period reach the months that have begun; answers how many moved on. One transaction each. */
export async function reachCheckpoints(db: DataSource, by: By): Promise<number> {
  let moved = 0;
  for (const { id, timeZone } of await runningPeriods(db)) {
    moved += await db.transaction(async (tx) => {
      const period = await lockPeriod(tx, id);
      if (!period) return 0;
      const decision = reach(period, today(by, timeZone));
      if (decision.events.length === 0) return 0;
      await saveProgress(tx, decision.state);
      await announce(tx, by, decision);
      return 1;
    });
  }
  return moved;
}

async function announce(tx: EntityManager, by: By, { state, events }: Decision<Period, PeriodEvent>): Promise<void> {
  await append(
    tx,
    events.map((event) => periodMessage(event, by.newId(), by.now())),
    by,
  );
  await mark(tx, [{ scope: 'AGENCY', scopeId: state.agencyId, year: state.year, traceparent: by.traceparent }]);
}

const today = (by: By, timeZone: string) => localDateAt(by.now(), timeZone);
