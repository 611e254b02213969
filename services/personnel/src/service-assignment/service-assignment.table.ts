import type { ServiceContext } from '@merit/chassis/api/context';
import { type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { ServiceAssignment } from './service-assignment.js';

export const ServiceAssignmentTable = new EntitySchema<ServiceAssignment>({
  name: 'service_assignment',
  columns: {
    id: { type: 'uuid', primary: true },
    employeeId: { type: 'uuid', name: 'employee_id' },
    serviceId: { type: 'uuid', name: 'service_id' },
    validFrom: { type: 'date', name: 'valid_from' },
    validTo: { type: 'date', name: 'valid_to', nullable: true },
  },
});

export const servedBy = (tx: EntityManager, employeeId: string): Promise<ServiceAssignment[]> =>
  tx.findBy(ServiceAssignmentTable, { employeeId });

/** Adds what is new, and ends what is there. */
export async function saveServed(tx: EntityManager, served: readonly ServiceAssignment[]): Promise<void> {
  if (served.length === 0) return;
  const column = <K extends keyof ServiceAssignment>(name: K) => served.map((each) => each[name]);
  await tx.query(
    `insert into service_assignment (id, employee_id, service_id, valid_from, valid_to)
     select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[], $5::date[])
     on conflict (id) do update set valid_to = excluded.valid_to, ended_recorded_at = clock_timestamp()`,
    [column('id'), column('employeeId'), column('serviceId'), column('validFrom'), column('validTo')],
  );
}

/** @throws SERVICE_ASSIGNMENT_NOT_FOUND */
export async function requireServed(tx: EntityManager, id: string): Promise<ServiceAssignment> {
  const served = await tx.findOneBy(ServiceAssignmentTable, { id });
  if (!served) throw servedNotFound();
  return served;
}

export const servedNotFound = () =>
  new DomainError('SERVICE_ASSIGNMENT_NOT_FOUND', 'There is no such service assignment.', {
    field: 'serviceAssignmentId',
  });

/** Null for those that do not exist. */
export const servedById = rowsById(ServiceAssignmentTable);

/** What a person serves and served, the latest first. */
export const servedPages = ({ db }: ServiceContext, keys: readonly PageKey[]): Promise<ServiceAssignment[][]> =>
  pagesOf<ServiceAssignment>(db, keys, {
    columns: `id, employee_id as "employeeId", service_id as "serviceId", valid_from as "validFrom", valid_to as "validTo"`,
    from: 'service_assignment where employee_id = parent.id',
    keys: [
      { sql: 'valid_from', type: 'date' },
      { sql: 'id', type: 'uuid' },
    ],
    descending: true,
  });
