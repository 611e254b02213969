/** A command runs in one transaction, and once for each key that its caller gave it. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError, domainErrorOf, isId, requireText, sqlState } from '../errors.js';
import { registry } from '../telemetry.js';
import { inSpan } from '../tracing.js';
import { forget, inTrace, type ServiceContext } from './context.js';
import { type BoundedQueue, boundedQueue } from './queue.js';

/** How long the same key gives the same answer. Hours. */
const KEPT_HOURS = 24;
const ATTEMPTS = 4;
const [SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT] = ['40001', '40P01', '55P03'];

export interface Command {
  readonly idempotencyKey?: string | null | undefined;
}

/**
 * Runs a command in one transaction, once per (subject, mutation, idempotencyKey); without a key, just in a transaction.
 * `run` uses no other connection than the one given, and returns a small JSON result (ids), which is what is stored and
 * given again: resolvers read the thing itself again, under the viewer's rights. Only successes are stored.
 *
 * Work waits in a bounded queue per process. A deadlock is tried again. After it, what the request has read so far is
 * forgotten.
 * @throws IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS, OVERLOADED, BUSY, and whatever `run` throws
 */
export async function once<R>(
  context: ServiceContext,
  mutation: string,
  input: Command,
  run: (tx: EntityManager) => Promise<R>,
): Promise<R> {
  const use = keyUse(context, mutation, input);
  let outcome = 'failed';
  const work = async (tx: EntityManager): Promise<R> => {
    outcome = 'repeated';
    const first = () => {
      outcome = 'done';
      return run(tx);
    };
    return use ? runOnce(tx, use, first) : first();
  };
  const asked = performance.now();
  try {
    return await inSpan(`command ${mutation}`, { parent: context.traceparent }, ({ traceparent }) =>
      inTrace(context, traceparent, () =>
        queueOf(context.db)(() => {
          waited.observe((performance.now() - asked) / 1000);
          return transaction(context.db, work);
        }),
      ),
    );
  } catch (error) {
    const known = domainErrorOf(error);
    outcome = known ? 'refused' : 'failed';
    throw known ?? error;
  } finally {
    commands.inc({ command: mutation, outcome });
    // Also after a failure: it may have been the answer that was lost, not the commit.
    forget(context);
  }
}

const commands = new Counter({
  name: 'merit_commands_total',
  help: 'Commands by what became of them: done, repeated (answered from what their idempotency key had), refused (with a code), failed (by a fault of ours).',
  labelNames: ['command', 'outcome'],
  registers: [registry],
});
const waited = new Histogram({
  name: 'merit_command_wait_seconds',
  help: 'How long commands waited for their turn.',
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  registers: [registry],
});
new Gauge({
  name: 'merit_command_queue',
  help: 'Commands of this process: running, and waiting for their turn. 500 may wait.',
  labelNames: ['state'],
  registers: [registry],
  collect() {
    const depths = [...queues.values()].map(({ depth }) => depth());
    for (const state of ['running', 'waiting'] as const) {
      this.set(
        { state },
        depths.reduce((sum, depth) => sum + depth[state], 0),
      );
    }
  },
});

const queues = new Map<DataSource, BoundedQueue>();

/** One queue per pool. Two connections stay free for reading; 500 commands are about two seconds of work. */
function queueOf(db: DataSource): BoundedQueue {
  let queue = queues.get(db);
  if (!queue) {
    const { poolSize = 10 } = db.options as { poolSize?: number };
    queue = boundedQueue({ running: Math.max(1, poolSize - 2), waiting: 500, patienceMs: 5_000 });
    queues.set(db, queue);
  }
  return queue;
}

async function transaction<R>(db: DataSource, work: (tx: EntityManager) => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction(async (tx) => {
        // The role has the same limit; said here, so that it holds whoever connects.
        await tx.query(`set local lock_timeout = '2s'`);
        return await work(tx);
      });
    } catch (error) {
      const state = sqlState(error);
      if ((state !== DEADLOCK && state !== SERIALIZATION_FAILURE) || attempt === ATTEMPTS) throw error;
      await pause(Math.random() * 25 * 2 ** attempt);
    }
  }
}

interface KeyUse {
  readonly subject: string;
  readonly mutation: string;
  readonly key: string;
  readonly inputHash: Buffer;
}

function keyUse({ viewer }: ServiceContext, mutation: string, input: Command): KeyUse | null {
  if (input.idempotencyKey == null) return null;
  const field = 'idempotencyKey';
  const key = requireText(input.idempotencyKey, field, { max: 128 });
  // The public is everyone: with keys such as "1", one person would get the answer that was another's.
  if (viewer.kind === 'PUBLIC' && !isId(key)) {
    throw new DomainError('INVALID_ID', 'Without signing in, an idempotency key is a new random UUID.', { field });
  }
  const { idempotencyKey: _, ...rest } = input;
  const inputHash = createHash('sha256').update(canonical(rest)).digest();
  return { subject: viewer.kind === 'PUBLIC' ? 'public' : viewer.subject, mutation, key, inputHash };
}

/** The same text for the same input, in whatever order its fields came; what is left out equals null. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    const fields = Object.entries(part).filter(([, field]) => field != null);
    return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

async function runOnce<R>(tx: EntityManager, use: KeyUse, run: () => Promise<R>): Promise<R> {
  const names = [use.subject, use.mutation, use.key];
  if (await claim(tx, use)) {
    const result = await run();
    await tx.query('update idempotency set result = $4 where (subject, mutation, key) = ($1, $2, $3)', [
      ...names,
      JSON.stringify(result ?? null),
    ]);
    return result;
  }
  const [stored] = await tx.query(
    'select input_hash, result from idempotency where (subject, mutation, key) = ($1, $2, $3)',
    names,
  );
  if (!use.inputHash.equals(stored.input_hash)) {
    throw new DomainError('IDEMPOTENCY_KEY_REUSED', 'This key was used with another input. Use a new key.', {
      field: 'idempotencyKey',
    });
  }
  return stored.result as R;
}

/**
 * Whether the key is ours. The primary key decides between simultaneous uses: PostgreSQL lets the later insert wait
 * until the earlier transaction ends, then finds its row or, when it was rolled back, goes ahead. A row that has
 * expired and was not removed yet is taken over. False when the key was used before.
 */
async function claim(tx: EntityManager, { subject, mutation, key, inputHash }: KeyUse): Promise<boolean> {
  try {
    const rows = await tx.query(
      `insert into idempotency (subject, mutation, key, input_hash) values ($1, $2, $3, $4)
       on conflict (subject, mutation, key) do update
         set input_hash = excluded.input_hash, result = null, created_at = now()
         where idempotency.created_at < now() - make_interval(hours => $5)
       returning true as ours`,
      [subject, mutation, key, inputHash, KEPT_HOURS],
    );
    return rows.length > 0;
  } catch (error) {
    if (sqlState(error) !== LOCK_TIMEOUT) throw error;
    throw new DomainError(
      'IDEMPOTENCY_IN_PROGRESS',
      'The first use of this key has not ended yet. Try again in a moment.',
      {
        field: 'idempotencyKey',
      },
    );
  }
}

/** Removes what has expired, 5,000 rows at a time, so that no lock is held for long; answers how many. */
export async function removeExpired(db: DataSource): Promise<number> {
  for (let removed = 0; ; ) {
    const [, count] = await db.query(
      `delete from idempotency where (subject, mutation, key) in (
         select subject, mutation, key from idempotency
          where created_at < now() - make_interval(hours => $1) limit 5000 for update skip locked)`,
      [KEPT_HOURS],
    );
    removed += count;
    if (count < 5000) return removed;
  }
}
