/** Lines to the database that are dead without anyone having been told: a router in between has forgotten them. */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import pg from 'pg';

/** As the driver keeps them, and its types do not say. */
interface Line {
  readonly readyForQuery: boolean;
  /** Of the database's process at the other end; a pooler in between gives a number of its own. */
  readonly processID: number;
  readonly connection: { readonly stream: Socket };
  /** `I` outside of a transaction. */
  getTransactionStatus(): string | null;
}

/** After so much silence the database is asked about the other end, and again after as much more. Milliseconds. */
const ASK_MS = 3_000;
const ANSWER_MS = 1_000;
/** So long a line may be silent of which nothing is known: longer than a statement may take (8 s, a setting of the role). */
const UNKNOWN_MS = 12_000;

/**
 * Ends a connection on which an answer is due that will not come: who waits for it is told, and the next one gets another
 * connection. Without it they would wait until the system's own attempts are over, a quarter of an hour. Those of the same
 * pool that nobody uses just then end with it, for they have most likely died together, and would be found one by one.
 *
 * A long statement and a dead line are equally silent, and the database can tell them apart: asked over another
 * connection, it says that the process at the other end works, or that it has itself been waiting for us. Where it does
 * not know the line, as behind a pooler, or gives no answer, 12 s are the limit.
 * @param url of the same database, for the question
 * @returns what a pool does with each new connection
 */
export function hangUpOnSilence(url: string): (client: pg.ClientBase) => void {
  const lines = new Set<Line>();
  const ends = oneAtATime(() => farEnds(url));
  const hangUp = (dead: Line, ms: number) => {
    for (const line of lines) {
      if (line === dead || isIdle(line)) line.connection.stream.destroy(silentFor(ms));
    }
  };
  return (client) => {
    const line = client as unknown as Line;
    const { stream } = line.connection;
    lines.add(line);
    stream.once('close', () => lines.delete(line));
    stream.setTimeout(ASK_MS).on('timeout', async () => {
      const heard = stream.bytesRead;
      const silent = () => !line.readyForQuery && !stream.destroyed && stream.bytesRead === heard;
      for (let known = performance.now() - ASK_MS; silent(); await pause(ASK_MS, null, { ref: false })) {
        const waits = await ends().then(
          (waitsAt) => waitsAt(line.processID),
          () => null,
        );
        await setImmediate(); // an answer that is here by now is read first
        if (!silent()) return;
        const silence = Math.round(performance.now() - known);
        if (waits === false) known = performance.now();
        else if (waits || silence > UNKNOWN_MS) hangUp(line, silence);
      }
    });
  };
}

const isIdle = (line: Line) => line.readyForQuery && line.getTransactionStatus() === 'I';

const silentFor = (ms: number) =>
  Object.assign(new Error(`the database has said nothing for ${ms} ms`), { code: 'ETIMEDOUT' });

/**
 * Asks the database which of its processes have been waiting for their client, and which work. Those that have begun to
 * wait within the last second have just answered, or are just being asked, and count as at work; those whose wait begins
 * in the future have waited since before the database's clock was set back.
 * @returns for a process's number, whether it waits, as does for ever one that is gone; null when it cannot be known
 */
async function farEnds(url: string): Promise<(pid: number) => boolean | null> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'merit-silence',
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
  });
  client.on('error', () => undefined); // the question rejects with it too
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number; waits: boolean }>(
      `select pid, wait_event_type is not distinct from 'Client' and state_change not between
                     clock_timestamp() - interval '1 s' and clock_timestamp() + interval '1 s' as waits
         from pg_stat_activity
        where datname = current_database() and usename = current_user and state_change is not null`,
    );
    const known = new Map(rows.map(({ pid, waits }) => [pid, waits]));
    const direct = known.has((client as unknown as Line).processID); // behind a pooler, not even this line stands there by its number
    return (pid) => known.get(pid) ?? (direct || null);
  } finally {
    client.end().catch(() => undefined); // unheard: this line too may have died
  }
}

/** Whoever asks while an answer is under way gets the next one: theirs is of later than their question. */
function oneAtATime<R>(ask: () => Promise<R>): () => Promise<R> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<R> | undefined;
  return () => {
    next ??= current.then(() => {
      next = undefined;
      const answer = ask();
      current = answer.catch(() => undefined);
      return answer;
    });
    return next;
  };
}
