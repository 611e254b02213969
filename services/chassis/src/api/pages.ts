/** Pages of the lists of several parents, such as each person's trainings in a team. */

import type { DataSource } from 'typeorm';
import { groupBy } from '../group-by.js';
import { prepared } from '../prepared.js';
import { type Key, type Page, seek } from './page.js';

export interface PageKey {
  /** The parent's id. */
  readonly parent: string;
  readonly page: Page;
}

export interface List {
  readonly columns: string;
  /** Everything between `from` and the page's own condition, with `parent.id` for the parent. */
  readonly from: string;
  readonly keys: readonly Key[];
  readonly descending?: boolean;
  /** What `columns` and `from` name as $1, $2 and so on. */
  readonly parameters?: readonly unknown[];
}

/** The rows of each page in the order of the keys, with one statement for all parents whose pages lie alike. */
export async function pagesOf<Row>(db: DataSource, keys: readonly PageKey[], list: List): Promise<Row[][]> {
  const answers = new Map<PageKey, Row[]>();
  for (const alike of groupBy(keys, ({ page }) => JSON.stringify(page)).values()) {
    const rows = await read<Row>(db, alike, list);
    for (const key of alike) answers.set(key, rows.get(key.parent) ?? []);
  }
  return keys.map((key) => answers.get(key)!);
}

async function read<Row>(db: DataSource, keys: readonly PageKey[], list: List): Promise<Map<string, Row[]>> {
  const { page } = keys[0]!;
  const { descending = false, parameters: own = [] } = list;
  const { where, orderBy, limit, parameters } = seek(page, list.keys, { descending, firstParameter: own.length + 2 });
  const rows: (Row & { parent: string })[] = await prepared(
    db,
    `select parent.id as parent, item.*
       from unnest($${own.length + 1}::uuid[]) as parent (id)
      cross join lateral (
        select ${list.columns}, row_number() over (order by ${orderBy}) as place
          from ${list.from} and ${where} order by ${orderBy} limit ${limit}
      ) as item
      order by parent.id, place`,
    [...own, keys.map(({ parent }) => parent), ...parameters],
  );
  return groupBy(rows, ({ parent }) => parent);
}
