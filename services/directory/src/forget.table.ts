/** The way back: what an aggregate has told the directory is removed, so that a snapshot can be put in its place. */
import { idsOf } from '@merit/chassis/in/readmodel';
import type { EntityManager } from 'typeorm';

/** Every table of the directory. */
export const DIRECTORY_TABLES: readonly string[] = [
  'directory_agency',
  'directory_unit',
  'directory_unit_parent',
  'directory_employee',
  'directory_employment',
  'directory_assignment',
  'directory_assignment_end',
  'directory_supervisor_override',
  'directory_grant',
  'directory_agreement',
  'directory_agreement_employee',
  'directory_agreement_unit',
];

/**
 * Removes what these agencies, units, employees, grants and agreements (`employee/<id>`) have told. A person's
 * assignments and overrides are told by the person. One statement.
 */
export const forgetInDirectory = (tx: EntityManager, aggregates: readonly string[]): Promise<void> =>
  tx.query(
    `with agency as (delete from directory_agency where id = any($1::uuid[])),
          unit as (delete from directory_unit where id = any($2::uuid[])),
          parent as (delete from directory_unit_parent where unit_id = any($2::uuid[])),
          employee as (delete from directory_employee where id = any($3::uuid[])),
          employment as (delete from directory_employment where employee_id = any($3::uuid[])),
          assignment as (delete from directory_assignment where employee_id = any($3::uuid[]) returning id),
          ends as (delete from directory_assignment_end where assignment_id in (select id from assignment)),
          override as (delete from directory_supervisor_override where employee_id = any($3::uuid[])),
          agreement as (delete from directory_agreement where id = any($5::uuid[])),
          shared_employee as (delete from directory_agreement_employee where agreement_id = any($5::uuid[])),
          shared_unit as (delete from directory_agreement_unit where agreement_id = any($5::uuid[]))
     delete from directory_grant where id = any($4::uuid[])`,
    ['agency', 'unit', 'employee', 'grant', 'agreement'].map((type) => idsOf(type, aggregates)),
  );
