import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { SupervisorOverride } from './supervisor.js';

export const SupervisorOverrideTable = new EntitySchema<SupervisorOverride>({
  name: 'supervisor_override',
  columns: {
    id: { type: 'uuid', primary: true },
    employeeId: { type: 'uuid', name: 'employee_id' },
    supervisorId: { type: 'uuid', name: 'supervisor_id' },
    validFrom: { type: 'date', name: 'valid_from' },
    validTo: { type: 'date', name: 'valid_to', nullable: true },
    reason: { type: 'text' },
    recordedAt: { type: 'timestamptz', name: 'recorded_at' },
    withdrawnAt: { type: 'timestamptz', name: 'withdrawn_at', nullable: true },
    withdrawReason: { type: 'text', name: 'withdraw_reason', nullable: true },
  },
});

export const overridesOf = (tx: EntityManager, employeeId: string): Promise<SupervisorOverride[]> =>
  tx.findBy(SupervisorOverrideTable, { employeeId });

export const saveOverride = (tx: EntityManager, override: SupervisorOverride) =>
  tx.upsert(SupervisorOverrideTable, override, ['id']);

/** @throws OVERRIDE_NOT_FOUND */
export async function requireOverride(tx: EntityManager, id: string): Promise<SupervisorOverride> {
  const override = await tx.findOneBy(SupervisorOverrideTable, { id });
  if (!override) throw overrideNotFound();
  return override;
}

export const overrideNotFound = () =>
  new DomainError('OVERRIDE_NOT_FOUND', 'There is no such setting.', { field: 'overrideId' });

/** Null for those that do not exist. */
export const overridesById = rowsById(SupervisorOverrideTable);
