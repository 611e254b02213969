/** JSON lines on standard output: what happened and where to look, never about whom. */
import { type Logger, pino } from 'pino';
import { withoutValues } from './errors.graphql.js';
import { sqlState } from './errors.js';

export type { Logger } from 'pino';

/** The log of one process. Errors go under `err`, freed of everything that may quote a row or an input. */
export function createLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
  });
}

/** The fields of an error that help its finder and name no person: the database and GraphQL quote values in their messages. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: 'something that is no error was thrown' };
  const { code, constraint, table, query } = error as {
    code?: unknown;
    constraint?: unknown;
    table?: unknown;
    query?: unknown;
  };
  const fromDatabase = sqlState(error) !== null;
  return {
    type: error.name,
    message: fromDatabase ? `SQLSTATE ${code}` : withoutValues(wordsOf(error)),
    ...(fromDatabase ? { code, constraint, table, query } : { code }),
    // The first line of a stack repeats the message.
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.startsWith('    at '))
      .join('\n'),
    ...(error.cause ? { cause: describeError(error.cause) } : {}),
  };
}

/** What an error says. One that stands for several may say nothing itself, such as a refused connection to `localhost`. */
const wordsOf = (error: Error): string =>
  error.message ||
  (error instanceof AggregateError ? error.errors.map((each) => (each as Error).message).join('; ') : '');

/** An error in one line, to keep beside what failed: as much as the log tells, and no values either. */
export function oneLine(error: unknown): string {
  const { message, table, constraint } = describeError(error) as {
    message: string;
    table?: string;
    constraint?: string;
  };
  const places = [...(table ? [`table ${table}`] : []), ...(constraint ? [`constraint ${constraint}`] : [])];
  return [message, ...places].join(', ');
}
