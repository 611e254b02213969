/** Rows by id, as `load` wants them: batched, and in the order in which they were asked for. */
import { Any, type EntitySchema, type FindOptionsWhere } from 'typeorm';
import type { ServiceContext } from './api/context.js';

interface Identified {
  readonly id: string;
}

/** What was found, in the order of the ids; null for those of which there is nothing. */
export function inOrder<Row extends Identified>(ids: readonly string[], found: readonly Row[]): (Row | null)[] {
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** A batch for `load`: the rows of a table; null for ids that it does not have. */
export const rowsById =
  <Row extends Identified>(table: EntitySchema<Row>) =>
  async ({ db }: ServiceContext, ids: readonly string[]): Promise<(Row | null)[]> =>
    inOrder(ids, await db.getRepository(table).findBy({ id: Any(ids) } as FindOptionsWhere<Row>));
