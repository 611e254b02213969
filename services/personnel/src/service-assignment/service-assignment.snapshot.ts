import type { AggregatePart } from '@merit/chassis/out/snapshot';
import type { EntityManager } from 'typeorm';
import { grouped, part } from '../part.js';
import { toMessage } from './service-assignment.events.js';
import type { ServiceAssignment } from './service-assignment.js';

type Row = ServiceAssignment & { readonly recordedAt: Date; readonly endedRecordedAt: Date | null };

/** What these people serve and served, as parts of their snapshots. */
export async function servedParts(
  tx: EntityManager,
  employeeIds: readonly string[],
  agencyOf: (employeeId: string) => string,
): Promise<(employeeId: string) => readonly AggregatePart[]> {
  const rows: Row[] = await tx.query(
    `select id, employee_id as "employeeId", service_id as "serviceId", valid_from as "validFrom", valid_to as "validTo",
            recorded_at as "recordedAt", ended_recorded_at as "endedRecordedAt"
       from service_assignment where employee_id = any($1) order by recorded_at, id`,
    [employeeIds],
  );
  const of = grouped(rows, ({ employeeId }) => employeeId);
  return (employeeId) => of(employeeId).flatMap((served) => partsOf(served, agencyOf(employeeId)));
}

/** The last day that was meant at first is not kept once there is another. */
function partsOf(served: Row, agencyId: string): AggregatePart[] {
  const { id, validTo, recordedAt, endedRecordedAt } = served;
  const begun = { ...served, validTo: endedRecordedAt === null ? validTo : null };
  const assigned = part(toMessage({ type: 'ServiceAssigned', served: begun }, agencyId), `serves/${id}`, recordedAt);
  if (endedRecordedAt === null || validTo === null) return [assigned];
  const message = toMessage({ type: 'ServiceEnded', served: { ...served, validTo } }, agencyId);
  return [assigned, part(message, `served/${id}/${validTo}`, endedRecordedAt)];
}
