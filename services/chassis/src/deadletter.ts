/** Events that were set aside: what a person can see of them and do about them. */
import type { DataSource, EntityManager } from 'typeorm';
import { dispatch, type Subscription } from './consumer.js';
import { DomainError } from './errors.js';
import { judge, read } from './inbox.js';
import { appliedOf, saveApplied } from './inbox.table.js';
import { isOutage } from './outage.js';

export interface DeadLetter {
  readonly id: string;
  readonly eventId: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly sequence: number | null;
  /** The whole envelope; `ce_type` and `ce_subject` say what it is about. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
  /** Why: a rule's own code, `PAYLOAD_INVALID`, `ENVELOPE_INVALID`, `GAP`, `DIVERGED`, `FAILED`; `WAITS` behind another. */
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly parkedAt: Date;
  readonly state: 'WAITING' | 'RETRIED' | 'DISCARDED';
  readonly settledAt: Date | null;
  readonly settledBy: string | null;
  readonly settledReason: string | null;
}

/** A dead letter's columns, by its fields. */
export const COLUMNS = `id, event_id as "eventId", topic, partition, "offset"::int8::float8 as "offset", key, sequence, headers, value, code,
  message, attempts, parked_at as "parkedAt", state, settled_at as "settledAt", settled_by as "settledBy",
  settled_reason as "settledReason"`;

/** What waits, oldest first: at most so many, those at fault before those that wait behind them. */
export const listDeadLetters = (db: DataSource | EntityManager, most = 100): Promise<DeadLetter[]> =>
  db.query(`select ${COLUMNS} from dead_letter where state = 'WAITING' order by code = 'WAITS', id limit $1`, [most]);

/** One of them, settled or not. @throws DEAD_LETTER_NOT_FOUND */
export async function showDeadLetter(db: DataSource | EntityManager, id: string): Promise<DeadLetter> {
  const [letter]: DeadLetter[] = await db.query(`select ${COLUMNS} from dead_letter where id = $1`, [id]);
  if (!letter) throw new DomainError('DEAD_LETTER_NOT_FOUND', 'There is no such dead letter.', { field: 'id' });
  return letter;
}

/** Who decided, and why. */
export interface Decision {
  readonly by: string;
  readonly reason: string;
}

/** What became of a key: how many events were applied, and the one that stopped it, if any did. */
export interface Outcome {
  readonly settled: number;
  readonly stoppedBy: DeadLetter | null;
}

/**
 * Applies what waits of a dead letter's key, in order, until one fails again; that one stays first in line. After the
 * moment `until` (milliseconds since 1970) no further one is begun: a line can be longer than a request may last.
 * @throws DEAD_LETTER_NOT_FOUND, DEAD_LETTER_SETTLED
 */
export async function retryDeadLetter(
  db: DataSource,
  subscriptions: readonly Subscription[],
  id: string,
  decision: Decision,
  until = Number.POSITIVE_INFINITY,
): Promise<Outcome> {
  const { topic, key } = mustWait(await showDeadLetter(db, id));
  for (let settled = 0; ; settled += 1) {
    const stoppedBy = await retryFirst(
      db,
      subscriptions.filter((each) => each.topic === topic),
      { topic, key },
      decision,
    );
    if (stoppedBy !== 'SETTLED') return { settled, stoppedBy };
    if (Date.now() >= until) return { settled: settled + 1, stoppedBy: null };
  }
}

/**
 * Leaves an event out for good, and applies what waits behind it. What it would have done never happens here, so it
 * must be the first of its aggregate that waits.
 * @throws DEAD_LETTER_NOT_FOUND, DEAD_LETTER_SETTLED, DEAD_LETTER_NOT_FIRST
 */
export async function discardDeadLetter(
  db: DataSource,
  subscriptions: readonly Subscription[],
  id: string,
  decision: Decision,
  until = Number.POSITIVE_INFINITY,
): Promise<Outcome> {
  const rest = await db.transaction(async (tx) => {
    const { topic, key } = await showDeadLetter(tx, id);
    await lockTopic(tx, topic);
    const letter = mustWait(await showDeadLetter(tx, id));
    const event = read(letter);
    if (!(event instanceof DomainError)) {
      const [earlier] = await tx.query(
        `select from dead_letter where state = 'WAITING' and topic = $1 and key = $2
            and headers->>'ce_source' = $3 and headers->>'ce_subject' = $4 and sequence < $5 limit 1`,
        [topic, key, event.source, event.aggregate, event.sequence],
      );
      if (earlier)
        throw new DomainError('DEAD_LETTER_NOT_FIRST', 'Earlier events of the same thing wait: settle those first.');
      await saveApplied(tx, new Map([['', { ...event, seq: event.sequence, eventId: event.id }]]));
    }
    await settle(tx, id, 'DISCARDED', decision);
    const [next] = await waiting(tx, { topic, key });
    return next;
  });
  return rest ? retryDeadLetter(db, subscriptions, rest.id, decision, until) : { settled: 0, stoppedBy: null };
}

function mustWait(letter: DeadLetter): DeadLetter {
  if (letter.state === 'WAITING') return letter;
  throw new DomainError('DEAD_LETTER_SETTLED', `This was ${letter.state.toLowerCase()} already.`, {
    state: letter.state,
  });
}

interface Line {
  readonly topic: string;
  readonly key: string;
}

/** The first in line: what its publisher numbered first, also where a replay brought it last. */
const waiting = (tx: EntityManager, { topic, key }: Line): Promise<DeadLetter[]> =>
  tx.query(
    `select ${COLUMNS} from dead_letter where state = 'WAITING' and topic = $1 and key = $2 order by sequence nulls first, id limit 1`,
    [topic, key],
  );

/** Keeps the consumer from adding to the line meanwhile: it locks its partition's row for each chunk. */
const lockTopic = (tx: EntityManager, topic: string): Promise<unknown> =>
  tx.query('select from consumer_offset where topic = $1 order by partition for update', [topic]);

/** One event, in a transaction of its own. Null when nothing waits; the letter when it failed again. */
async function retryFirst(
  db: DataSource,
  subscriptions: readonly Subscription[],
  line: Line,
  decision: Decision,
): Promise<DeadLetter | 'SETTLED' | null> {
  let first: DeadLetter | undefined;
  try {
    return await db.transaction(async (tx) => {
      await lockTopic(tx, line.topic);
      [first] = await waiting(tx, line);
      if (!first) return null;
      await applyLetter(tx, subscriptions, first);
      await settle(tx, first.id, 'RETRIED', decision);
      return 'SETTLED';
    });
  } catch (error) {
    if (!first || isOutage(error)) throw error;
    return noteFailure(db, first.id, error);
  }
}

async function applyLetter(
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  letter: DeadLetter,
): Promise<void> {
  const event = read(letter);
  if (event instanceof DomainError) throw event;
  const [applied] = (await appliedOf(tx, [event])).values();
  const verdict = judge(event, applied);
  if (verdict instanceof DomainError) throw verdict;
  if (verdict === 'REPEATED') return;
  await dispatch(tx, subscriptions, [event]);
  await saveApplied(tx, new Map([['', { ...event, seq: event.sequence, eventId: event.id }]]));
}

async function noteFailure(db: DataSource, id: string, error: unknown): Promise<DeadLetter> {
  const code = error instanceof DomainError ? error.code : 'FAILED';
  const message = String((error as Error)?.message ?? error).slice(0, 1_000);
  await db.query('update dead_letter set attempts = attempts + 1, code = $2, message = $3 where id = $1', [
    id,
    code,
    message,
  ]);
  return showDeadLetter(db, id);
}

const settle = (
  tx: EntityManager,
  id: string,
  state: 'RETRIED' | 'DISCARDED',
  { by, reason }: Decision,
): Promise<unknown> =>
  tx.query(
    'update dead_letter set state = $2, settled_at = clock_timestamp(), settled_by = $3, settled_reason = $4 where id = $1',
    [id, state, by, reason],
  );
