import { setTimeout as pause } from 'node:timers/promises';
import { sqlState } from './errors.js';

/**
 * SQLSTATE classes of a database that cannot work now, whatever it was asked: connections, transactions rolled back for
 * another's sake, resources, locks, an operator's intervention, the system around it.
 */
const STATES = /^(08|40|53|58|55P03|57P|25P03)/;

const SOCKET = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
];

/** The drivers say these in words only. TypeORM gives a connection back as soon as it breaks, amid a transaction too. */
const WORDS =
  /connection terminated|already released|connection error and is not queryable|timeout exceeded when trying to connect|timeout expired|not connected|client was closed|Cannot use a pool after calling end/i;

/** The database crawls as a whole, as was found out when a statement was cut off for its time. */
export class DatabaseCrawls extends Error {}

/** Whether the database or the network failed, and not the work: the same may well succeed later, and nobody is at fault. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof DatabaseCrawls) return true;
  const state = sqlState(error);
  if (state !== null) return STATES.test(state);
  const { code, errors, cause } = error as { code?: unknown; errors?: unknown[]; cause?: unknown };
  if (typeof code === 'string' && SOCKET.includes(code)) return true;
  return WORDS.test(error.message) || (errors?.some(isOutage) ?? false) || isOutage(cause);
}

/** A database that works locks a row and commits in a few of these: longer, and it crawls. Milliseconds. */
const PROBED_WITHIN_MS = 500;

/**
 * Whether a statement was cut off for its time because the whole database crawls, and not by its own doing: a small one
 * does not come to its end either.
 * @param probe a small transaction on the same database
 */
export async function isCrawling(error: unknown, probe: () => Promise<unknown>): Promise<boolean> {
  if (sqlState(error) !== '57014') return false;
  const answered = probe().then(
    () => true,
    () => false,
  );
  return !(await Promise.race([answered, pause(PROBED_WITHIN_MS, false)]));
}
