/** The registry that makes each identity number one person's. */
import { DomainError } from '@merit/chassis/errors';
import type { DataSource, EntityManager } from 'typeorm';
import type { Employee } from './employee.js';

/**
 * Gives each person their number, if nobody has it.
 *
 * The primary key decides: of simultaneous takers of one number PostgreSQL lets the later wait for the earlier to end,
 * and then find it taken. So the answer is right without a lock on anything else.
 * @returns the ids of those who got it
 */
export async function claimNumbers(
  tx: EntityManager,
  people: readonly { readonly id: string; readonly nip: string }[],
): Promise<Set<string>> {
  const rows: { id: string }[] = await tx.query(
    `insert into identity_number (number, employee_id)
     select * from unnest($1::text[], $2::uuid[]) order by 1
     on conflict (number) do nothing returning employee_id as id`,
    [people.map(({ nip }) => nip), people.map(({ id }) => id)],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * Gives a person another number; the old one, which was wrong, is free for whom it belongs to.
 * @throws NIP_TAKEN
 */
export async function changeNumber(tx: EntityManager, { id, nip }: Pick<Employee, 'id' | 'nip'>): Promise<void> {
  await tx.query('delete from identity_number where employee_id = $1 and number <> $2', [id, nip]);
  await tx.query(
    `insert into identity_number (number, employee_id) values ($1, $2)
     on conflict (number) do nothing`,
    [nip, id],
  );
  const [own] = await tx.query('select from identity_number where employee_id = $1', [id]);
  if (!own) throw nipTaken();
}

export const nipTaken = (): DomainError =>
  new DomainError('NIP_TAKEN', 'Somebody is registered with this number. Look them up, or correct the number.', {
    field: 'nip',
  });

/** Identity number → employee, of those whom an agency employs now or will. */
export async function employeesByNip(
  db: DataSource | EntityManager,
  agencyId: string,
  nips: readonly string[],
): Promise<Map<string, string>> {
  const rows: { nip: string; id: string }[] = await db.query(
    `select number as nip, employee_id as id from identity_number
      where number = any($2)
        and exists (select from employment where employee_id = identity_number.employee_id and agency_id = $1)`,
    [agencyId, nips],
  );
  return new Map(rows.map(({ nip, id }) => [nip, id]));
}
