/** The tables of a rebuild: made like the live ones, compared with them, and put in their place. */
import type { EntityManager } from 'typeorm';
import type { ReadModel } from './readmodel.js';
import { schemaOf } from './rebuild.feed.js';

/** The schema that holds what a swap has taken out of service, until it is dropped. */
const replacedBy = (model: ReadModel): string => schemaOf(model).replace('rebuild_', 'replaced_');

/**
 * Makes an empty copy of the model's tables in a schema of its own. Constraints and indexes keep their names, which are
 * free there: after a swap the next migration finds everything as it knows it.
 */
export async function createShadow(tx: EntityManager, model: ReadModel): Promise<void> {
  const schema = schemaOf(model);
  await dropShadow(tx, model);
  await tx.query(`create schema ${schema}`);
  for (const table of [...model.tables, 'applied_sequence']) {
    await tx.query(`create table ${schema}.${table} (like ${table} including all excluding indexes)`);
    for (const statement of await indexesOf(tx, table, schema)) await tx.query(statement);
  }
}

/** What gives a table in another schema the indexes and the unique constraints of this one. */
async function indexesOf(tx: EntityManager, table: string, schema: string): Promise<string[]> {
  const rows: { statement: string }[] = await tx.query(
    `select coalesce(
              (select format('alter table %I.%I add constraint %I %s', $2::text, t.relname, c.conname, pg_get_constraintdef(c.oid))
                 from pg_constraint c where c.conindid = i.indexrelid and c.conrelid = t.oid),
              replace(pg_get_indexdef(i.indexrelid), format(' ON %I.%I USING ', n.nspname, t.relname),
                      format(' ON %I.%I USING ', $2::text, t.relname))) as statement
       from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
      where i.indrelid = $1::regclass order by i.indexrelid`,
    [table, schema],
  );
  return rows.map(({ statement }) => statement);
}

/** Removes a rebuild's tables, and those that an earlier swap took out of service. */
export async function dropShadow(tx: EntityManager, model: ReadModel): Promise<void> {
  await tx.query('set local client_min_messages = warning');
  await tx.query(`drop schema if exists ${schemaOf(model)} cascade`);
  await tx.query(`drop schema if exists ${replacedBy(model)} cascade`);
}

/** The rebuild's tables become the live ones; those stay in `replaced_<model>` until the next rebuild. */
export async function exchange(tx: EntityManager, model: ReadModel): Promise<void> {
  const [{ live }] = await tx.query('select current_schema() as live');
  await tx.query(`create schema ${replacedBy(model)}`);
  for (const table of model.tables) {
    await tx.query(`alter table ${table} set schema ${replacedBy(model)}`);
    await tx.query(`alter table ${schemaOf(model)}.${table} set schema ${live}`);
  }
  await tx.query(`drop schema ${schemaOf(model)} cascade`);
}

/** How a table differs from its copy in the rebuild. */
export interface Difference {
  readonly table: string;
  /** Rows that only one of them has; a row with another value in any column is one of each. */
  readonly onlyLive: number;
  readonly onlyRebuilt: number;
  /** Some of them, at most five of each. */
  readonly examples: readonly { readonly in: 'LIVE' | 'REBUILT'; readonly row: Readonly<Record<string, unknown>> }[];
}

/** Every table of the model, also those that do not differ. */
export async function compareTables(tx: EntityManager, model: ReadModel): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const table of model.tables) {
    const copy = `${schemaOf(model)}.${table}`;
    const [row] = await tx.query(
      `with live as materialized (select to_jsonb(t) as row from (select * from ${table} except all select * from ${copy}) t),
            rebuilt as materialized (select to_jsonb(t) as row from (select * from ${copy} except all select * from ${table}) t)
       select (select count(*)::int from live) as "onlyLive", (select count(*)::int from rebuilt) as "onlyRebuilt",
              (select coalesce(jsonb_agg(e), '[]') from (
                (select 'LIVE' as in, row from live order by row::text limit 5)
                union all (select 'REBUILT', row from rebuilt order by row::text limit 5)) e) as examples`,
    );
    differences.push({ table, ...row });
  }
  return differences;
}
