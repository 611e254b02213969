import type { ServiceContext } from '@merit/chassis/api/context';
import { type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { Availability } from './availability.js';

export const AvailabilityTable = new EntitySchema<Availability>({
  name: 'availability',
  columns: {
    id: { type: 'uuid', primary: true },
    employeeId: { type: 'uuid', name: 'employee_id' },
    awayFrom: { type: 'date', name: 'away_from' },
    awayTo: { type: 'date', name: 'away_to' },
    kind: { type: 'text' },
    recordedAt: { type: 'timestamptz', name: 'recorded_at' },
    cancelledAt: { type: 'timestamptz', name: 'cancelled_at', nullable: true },
  },
});

export const availabilityOf = (tx: EntityManager, employeeId: string): Promise<Availability[]> =>
  tx.findBy(AvailabilityTable, { employeeId });

export const saveAvailability = (tx: EntityManager, availability: Availability) =>
  tx.upsert(AvailabilityTable, availability, ['id']);

/** @throws AVAILABILITY_NOT_FOUND */
export async function requireAvailability(tx: EntityManager, id: string): Promise<Availability> {
  const availability = await tx.findOneBy(AvailabilityTable, { id });
  if (!availability) throw availabilityNotFound();
  return availability;
}

export const availabilityNotFound = () =>
  new DomainError('AVAILABILITY_NOT_FOUND', 'There is no such record.', { field: 'availabilityId' });

/** Null for those that do not exist. */
export const availabilityById = rowsById(AvailabilityTable);

/** A person's days away that were not cancelled, the latest first. */
export const availabilityPages = ({ db }: ServiceContext, keys: readonly PageKey[]): Promise<Availability[][]> =>
  pagesOf<Availability>(db, keys, {
    columns: `id, employee_id as "employeeId", away_from as "awayFrom", away_to as "awayTo", kind,
            recorded_at as "recordedAt", cancelled_at as "cancelledAt"`,
    from: 'availability where employee_id = parent.id and cancelled_at is null',
    keys: [
      { sql: 'away_from', type: 'date' },
      { sql: 'id', type: 'uuid' },
    ],
    descending: true,
  });
