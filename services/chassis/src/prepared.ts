/**
 * Statements that find few rows by keys, such as a loader's: PostgreSQL parses and plans each once for a connection, not
 * once for a request, which took three quarters of its time for a person's page. Left to itself it would find a plan for
 * any ids dearer than one for one id, and plan anew each time; so it is told to take the plan for any ids, and reads have
 * connections of their own. Nor may it read whole tables: a plan made while a table was empty would go on reading all of
 * it, and cost more with each row. A list by filters, of which a good plan depends on the values, stays with `db.query`.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { type DataSource, EntityManager } from 'typeorm';
import { sqlState } from './errors.js';
import { noteStatement } from './statements.js';

/** A plan is made for the tables as they are, and they grow: no connection lives longer. Seconds. */
export const OLDEST = 300;
/** Each connection keeps them, about 50 kB each; a text beyond them is planned each time. */
const MOST_STATEMENTS = 500;
/** `cached plan must not change result type`: a table was changed meanwhile. */
const CHANGED = '0A000';

const pools = new WeakMap<DataSource, pg.Pool>();
const names = new Map<string, string>();

/** Gives a database its connections for such reads; they end with it. */
export function openPrepared(db: DataSource, options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    ...options,
    maxLifetimeSeconds: OLDEST,
    options: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off',
  });
  pool.on('error', () => undefined); // one that breaks while idle is replaced at its next use
  pools.set(db, pool);
  const destroy = db.destroy.bind(db);
  db.destroy = async () => {
    await pool.end();
    await destroy();
  };
  return pool;
}

/**
 * The rows of a statement that finds them by keys. In a transaction it is sent there, as any other.
 * @param text one of few: with parameters, and nothing of their values in it
 */
export async function prepared<Row>(
  db: DataSource | EntityManager,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const pool = db instanceof EntityManager ? undefined : pools.get(db);
  if (!pool) return db.query(text, [...values]);
  noteStatement();
  const name = nameOf(text);
  try {
    return (await pool.query({ text, values: [...values], ...(name ? { name } : {}) })).rows as Row[];
  } catch (error) {
    if (name && sqlState(error) === CHANGED) return db.query(text, [...values]);
    throw error;
  }
}

/**
 * A transaction of few rows whose statements find them by keys: each statement is parsed and planned once for a
 * connection. A chunk of one event has some twenty, and planning them was most of what they took. For many rows a
 * statement is better planned anew: that costs little beside its work, and sees how large the tables have become.
 * @param work is done again after all that it did was undone, when a table was changed since its statements were planned
 */
export async function transactPrepared<Result>(
  db: DataSource,
  work: (tx: EntityManager) => Promise<Result>,
): Promise<Result> {
  try {
    return await db.transaction(async (tx) => {
      const forget = named((await tx.queryRunner!.connect()) as pg.ClientBase);
      try {
        // Nobody waits for it: should it fail, so does what comes after it.
        tx.query(
          `select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`,
        ).catch(() => undefined);
        return await work(tx);
      } finally {
        forget();
      }
    });
  } catch (error) {
    if (sqlState(error) === CHANGED) return db.transaction(work);
    throw error;
  }
}

/** Has a connection give each statement with parameters its name. @returns how to end it */
function named(client: pg.ClientBase): () => void {
  const query = client.query as (...given: unknown[]) => unknown;
  const mine = (text: unknown, values: unknown): unknown => {
    const name = typeof text === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(text) : undefined;
    return name ? query.call(client, { text, values, name }) : query.call(client, text, values);
  };
  client.query = mine as typeof client.query;
  return () => {
    client.query = query as typeof client.query;
  };
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known || names.size >= MOST_STATEMENTS) return known;
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 20);
  names.set(text, name);
  return name;
}
