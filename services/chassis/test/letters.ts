/** What waits as dead letters, by the graph's own query. */
import type { DataSource } from 'typeorm';
import { connection, type PageArguments, parsePage, seek } from '../src/api/page.js';
import { LETTER_ORDER, pageOfLetters } from '../src/operations/operations.table.js';

/** A page of them, as the graph gives it. */
export async function pageOfDeadLetters(db: DataSource, args: PageArguments) {
  const page = parsePage(args, { keys: LETTER_ORDER.length });
  const rows = await pageOfLetters(db, 'WAITING', seek(page, LETTER_ORDER, { descending: false, firstParameter: 2 }));
  return connection(rows, page, ({ place }) => place);
}

/** Those at fault before those that wait behind them; of each, oldest first. At most 100. */
export const listDeadLetters = async (db: DataSource) => (await pageOfDeadLetters(db, { first: 100 })).nodes;
