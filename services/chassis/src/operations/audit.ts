/** What people do with events, written down: who, when, what, why, and what came of it. */
import type { DataSource, EntityManager } from 'typeorm';
import { remembered, type ServiceContext } from '../api/context.js';
import { canonical, once } from '../api/idempotency.js';
import type { Viewer } from '../api/viewer.js';
import { DomainError, domainErrorOf, requireText } from '../errors.js';

/** Shorter than the gateway's patience: what a call has not done by then, the next one does. Milliseconds. */
export const ONE_CALL_MS = 4_000;

/** What is going to be done, before it is. */
export interface Action {
  /** The mutation's name in the code: `retryDeadLetter`. */
  readonly action: string;
  /** What it is done to: a dead letter's number, a key, a read model. */
  readonly target: string;
  readonly input: Readonly<Record<string, unknown>> & { readonly idempotencyKey?: string | null | undefined };
  readonly reason?: string | undefined;
}

export interface AuditEntry {
  readonly id: string;
  readonly action: string;
  readonly target: string;
  readonly reason: string | null;
  readonly doneBy: string;
  readonly beganAt: Date;
  readonly endedAt: Date | null;
  /** Null while it is under way, or when its process ended in the midst of it. */
  readonly outcome: 'DONE' | 'FAILED' | null;
  /** What it gave, or the code and message of why it failed. */
  readonly detail: unknown;
}

/** Who does it. An operator is named by the token's subject: `system` would be everyone who is no employee. */
export function nameOf(viewer: Viewer): string {
  switch (viewer.kind) {
    case 'EMPLOYEE':
      return `employee/${viewer.employeeId}`;
    case 'OPERATOR':
      return `operator/${viewer.subject}`;
    case 'CLIENT':
      return `client/${viewer.clientId}`;
    case 'PUBLIC':
      throw new DomainError('FORBIDDEN', 'You may not do this.');
    default:
      return viewer satisfies never;
  }
}

/** An action of one transaction: it and its entry are there together, or neither. A failure is written down after it. */
export async function auditedOnce<R>(
  context: ServiceContext,
  action: Action,
  run: (tx: EntityManager) => Promise<R>,
): Promise<R> {
  const doneBy = nameOf(context.viewer);
  try {
    return await once(context, action.action, action.input, async (tx) => {
      const result = await run(tx);
      await end(tx, await begin(tx, { ...action, doneBy }), 'DONE', result);
      return result;
    });
  } catch (error) {
    const id = await begin(context.db, { ...action, doneBy });
    await end(context.db, id, 'FAILED', failureOf(error));
    throw error;
  }
}

/** That somebody was shown what is masked otherwise: written down before it is shown, once a request. */
export const auditShown = (context: ServiceContext, action: string, target: string): Promise<unknown> =>
  remembered(context, `${action} ${target}`, async () => {
    const id = await begin(context.db, { action, target, input: {}, doneBy: nameOf(context.viewer) });
    await end(context.db, id, 'DONE', null);
  });

/**
 * An action that was begun so long ago and has no outcome was broken off: no request lives that long. One that is to begin
 * as much later was begun before the database's clock was set back.
 */
const BROKEN_OFF = '60 seconds';

/**
 * An action of several transactions: its entry is written before it, and completed after it. The entry also keeps the
 * idempotencyKey: what was done is answered again, and an action whose process ended in its midst may be begun again, for
 * each of them goes on where it was.
 * @throws IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS, and whatever `run` throws
 */
export async function auditedThrough<R>(context: ServiceContext, action: Action, run: () => Promise<R>): Promise<R> {
  const { db } = context;
  const entry = { ...action, doneBy: nameOf(context.viewer), requestKey: keyOf(action) };
  const before = entry.requestKey ? await usedBefore<R>(db, entry) : null;
  if (before) return before.detail;
  const id = await begin(db, entry).catch((error) => {
    throw sameKey(error) ?? error;
  });
  try {
    const result = await run();
    await end(db, id, 'DONE', result);
    return result;
  } catch (error) {
    await end(db, id, 'FAILED', failureOf(error));
    throw error;
  }
}

interface Entry extends Action {
  readonly doneBy: string;
  readonly requestKey?: string | null;
}

const keyOf = ({ input: { idempotencyKey } }: Action): string | null =>
  idempotencyKey == null ? null : requireText(idempotencyKey, 'idempotencyKey', { max: 128 });

/** What a key was used for before; null when it was not, or when that was broken off. */
async function usedBefore<R>(
  db: DataSource,
  { doneBy, action, requestKey, input }: Entry,
): Promise<{ detail: R } | null> {
  const [row]: { id: string; input: object; outcome: string | null; detail: R; broken: boolean }[] = await db.query(
    `select id, input, outcome, detail, 
            began_at not between clock_timestamp() - interval '${BROKEN_OFF}' and clock_timestamp() + interval '${BROKEN_OFF}' as broken
       from operation_audit where (done_by, action, request_key) = ($1, $2, $3)`,
    [doneBy, action, requestKey],
  );
  if (!row) return null;
  if (canonical(row.input) !== canonical(withoutKey(input))) {
    throw new DomainError('IDEMPOTENCY_KEY_REUSED', 'This key was used with another input. Use a new key.', {
      field: 'idempotencyKey',
    });
  }
  if (row.outcome === 'DONE') return row;
  if (!row.broken) throw inProgress();
  await db.query('update operation_audit set request_key = null where id = $1 and outcome is null', [row.id]);
  return null;
}

const inProgress = () =>
  new DomainError('IDEMPOTENCY_IN_PROGRESS', 'The first use of this key has not ended yet. Try again in a moment.', {
    field: 'idempotencyKey',
  });

/** Two uses of a key at once: the index lets one of them in. */
const sameKey = (error: unknown): DomainError | null =>
  (error as { constraint?: string }).constraint === 'operation_audit_request' ? inProgress() : null;

const withoutKey = ({ idempotencyKey: _, ...input }: Action['input']): object => input;

async function begin(db: DataSource | EntityManager, entry: Entry): Promise<string> {
  const [row] = await db.query(
    `insert into operation_audit (action, target, input, reason, done_by, request_key) values ($1, $2, $3, $4, $5, $6) returning id`,
    [
      entry.action,
      entry.target.slice(0, 300),
      canonical(withoutKey(entry.input)),
      entry.reason ?? null,
      entry.doneBy,
      entry.requestKey ?? null,
    ],
  );
  return row.id;
}

const end = (
  db: DataSource | EntityManager,
  id: string,
  outcome: 'DONE' | 'FAILED',
  detail: unknown,
): Promise<unknown> =>
  db.query(
    `update operation_audit set ended_at = clock_timestamp(), outcome = $2, detail = $3,
            request_key = case when $2 = 'DONE' then request_key end where id = $1`,
    [id, outcome, JSON.stringify(detail ?? null)],
  );

/** As much as the person was told: what is of the inside stays in the log. */
function failureOf(error: unknown): { code: string; message: string } {
  const known = domainErrorOf(error);
  return known
    ? { code: known.code, message: known.message.slice(0, 1_000) }
    : { code: 'INTERNAL_SERVER_ERROR', message: 'It failed on our side; the log of that time says why.' };
}
