import type { AggregatePart } from '@merit/chassis/out/snapshot';
import { type EntityManager, In } from 'typeorm';
import { grouped, part } from '../part.js';
import { toMessage } from './supervisor.events.js';
import type { SupervisorOverride } from './supervisor.js';
import { SupervisorOverrideTable } from './supervisor.table.js';

/** The supervisors set by hand for these people, and taken back, as parts of their snapshots. */
export async function overrideParts(
  tx: EntityManager,
  employeeIds: readonly string[],
  agencyOf: (employeeId: string) => string,
): Promise<(employeeId: string) => readonly AggregatePart[]> {
  const overrides = await tx.find(SupervisorOverrideTable, {
    where: { employeeId: In([...employeeIds]) },
    order: { recordedAt: 'ASC', id: 'ASC' },
  });
  const of = grouped(overrides, ({ employeeId }) => employeeId);
  return (employeeId) => of(employeeId).flatMap((override) => partsOf(override, agencyOf(employeeId)));
}

function partsOf(override: SupervisorOverride, agencyId: string): AggregatePart[] {
  const { id, recordedAt, withdrawnAt } = override;
  const say = (what: string, said: SupervisorOverride, at: Date) =>
    part(toMessage({ type: 'SupervisorChanged', override: said, recordedAt: at }, agencyId), `${what}/${id}`, at);
  const set = say('supervisor', { ...override, withdrawnAt: null }, recordedAt);
  return withdrawnAt === null ? [set] : [set, say('supervisor-withdrawn', override, withdrawnAt)];
}
