/** Rows by id, as `load` wants them: batched, and in the order in which they were asked for. */
import type { DataSource, EntitySchema } from 'typeorm';
import { prepared } from '../prepared.js';
import type { ServiceContext } from './context.js';

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
    inOrder(ids, await prepared<Row>(db, `${selectOf(db, table)} where id = any($1)`, [ids]));

/** As TypeORM would read them, without its building of a statement for each time. */
function selectOf<Row extends Identified>(db: DataSource, table: EntitySchema<Row>): string {
  const { columns, tablePath } = db.getMetadata(table);
  const names = columns.map(({ databaseName, propertyName }) => `"${databaseName}" as "${propertyName}"`);
  return `select ${names.join(', ')} from ${tablePath}`;
}
