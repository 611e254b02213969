import type { ServiceContext } from '@merit/chassis/api/context';
import { inOrder } from '@merit/chassis/api/rows';
import { prepared } from '@merit/chassis/prepared';

/** Employee id → the person, or null for someone of whom nothing at all is known here. */
export async function peopleById({ db }: ServiceContext, ids: readonly string[]): Promise<({ id: string } | null)[]> {
  const rows: { id: string }[] = await prepared(
    db,
    `select p.id from unnest($1::uuid[]) as p (id)
      where exists (select from directory_employee e where e.id = p.id)
         or exists (select from enrolment e where e.employee_id = p.id)`,
    [ids],
  );
  return inOrder(ids, rows);
}
