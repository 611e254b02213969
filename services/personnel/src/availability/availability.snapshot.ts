import type { AggregatePart } from '@merit/chassis/out/snapshot';
import { type EntityManager, In } from 'typeorm';
import { grouped, part } from '../part.js';
import { toMessage } from './availability.events.js';
import type { Availability } from './availability.js';
import { AvailabilityTable } from './availability.table.js';

/** The days away of these people, and those that were cancelled, as parts of their snapshots. */
export async function availabilityParts(
  tx: EntityManager,
  employeeIds: readonly string[],
  agencyOf: (employeeId: string) => string,
): Promise<(employeeId: string) => readonly AggregatePart[]> {
  const all = await tx.find(AvailabilityTable, {
    where: { employeeId: In([...employeeIds]) },
    order: { recordedAt: 'ASC', id: 'ASC' },
  });
  const of = grouped(all, ({ employeeId }) => employeeId);
  return (employeeId) => of(employeeId).flatMap((availability) => partsOf(availability, agencyOf(employeeId)));
}

function partsOf(availability: Availability, agencyId: string): AggregatePart[] {
  const { id, recordedAt, cancelledAt } = availability;
  const say = (what: string, said: Availability, at: Date) =>
    part(toMessage({ type: 'AvailabilityRecorded', availability: said }, agencyId), `${what}/${id}`, at);
  const recorded = say('away', { ...availability, cancelledAt: null }, recordedAt);
  return cancelledAt === null ? [recorded] : [recorded, say('away-cancelled', availability, cancelledAt)];
}
