/** Events that were set aside, and what a person can do about them. */
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import { discardedOne, saveCounts } from './consumer.count.table.js';
import type { Subscription } from './consumer.js';
import { type Decision, type Outcome, retryLine } from './deadletter.retry.js';
import type { DeadLetter } from './deadletter.table.js';
import { lockLine, settle, showDeadLetter } from './deadletter.table.js';
import { afterwards, type Step, sequenceName } from './inbox.js';
import { judge } from './inbox.judge.js';
import { read } from './inbox.letter.js';
import { knownOf, type Place, saveApplied } from './inbox.table.js';
import { skipInRebuilds } from './rebuild.feed.js';

export type { Decision, Outcome } from './deadletter.retry.js';
export {
  COLUMNS,
  countDeadLetters,
  type DeadLetter,
  type DeadLetterPage,
  type DeadLetterState,
  listDeadLetters,
  showDeadLetter,
} from './deadletter.table.js';

/**
 * Applies what waits of a dead letter's key, in order, until one fails again; that one stays first in line.
 * @throws DEAD_LETTER_NOT_FOUND, DEAD_LETTER_SETTLED
 */
export async function retryDeadLetter(
  db: DataSource,
  subscriptions: readonly Subscription[],
  id: string,
  decision: Decision,
  until?: number,
): Promise<Outcome> {
  return retryLine(db, subscriptions, mustWait(await showDeadLetter(db, id)), decision, until);
}

/**
 * Leaves an event out for good, and applies what waits behind it. What it would have done never happens here, so it
 * must be the next of its aggregate: the events before it would be left out with it, though they can still come.
 * @throws DEAD_LETTER_NOT_FOUND, DEAD_LETTER_SETTLED, DEAD_LETTER_NOT_FIRST
 */
export async function discardDeadLetter(
  db: DataSource,
  subscriptions: readonly Subscription[],
  id: string,
  decision: Decision,
  until?: number,
): Promise<Outcome> {
  const line = await db.transaction(async (tx) => {
    const { topic, key } = await showDeadLetter(tx, id);
    const rebuilding = await lockLine(tx, { topic, key });
    const letter = mustWait(await showDeadLetter(tx, id));
    const event = read(letter);
    if (!(event instanceof DomainError)) {
      await refuseLater(tx, letter);
      await refuseBehindGap(tx, event);
      await leaveOut(tx, letter, { kind: 'NEXT', event, jumped: 0 });
      const mine = subscriptions.filter((each) => each.topic === topic);
      if (event.snapshot === null) await skipInRebuilds(tx, mine, rebuilding, { kind: 'NEXT', event, jumped: 0 });
    }
    await settle(tx, [id], 'DISCARDED', decision);
    return { topic, key };
  });
  return retryLine(db, subscriptions, line, decision, until);
}

/** A snapshot that is left out leaves its aggregate where it is; an event's number counts as taken, until a snapshot comes. */
async function leaveOut(tx: EntityManager, place: Place, { event }: Step): Promise<void> {
  if (event.snapshot !== null) return;
  await saveApplied(tx, [{ ...afterwards(event), incomplete: true }]);
  await saveCounts(tx, place, [discardedOne(event)]);
}

async function refuseLater(tx: EntityManager, { topic, key, headers, sequence }: DeadLetter): Promise<void> {
  const [earlier]: { id: string }[] = await tx.query(
    `select id from dead_letter where state = 'WAITING' and topic = $1 and key = $2
        and headers->>'ce_source' = $3 and headers->>'ce_subject' = $4 and sequence < $5 order by sequence limit 1`,
    [topic, key, headers['ce_source'], headers['ce_subject'], sequence],
  );
  if (!earlier) return;
  const message = `Earlier events of the same thing wait: settle those first, beginning with ${earlier.id}.`;
  throw new DomainError('DEAD_LETTER_NOT_FIRST', message, { first: earlier.id });
}

async function refuseBehindGap(tx: EntityManager, event: ReceivedEvent): Promise<void> {
  const { applied, timelines } = await knownOf(tx, [event]);
  const before = applied.get(sequenceName(event));
  const verdict = judge(event, before, timelines.get(event.source));
  if (!(verdict instanceof DomainError) || verdict.code !== 'GAP') return;
  const [from, to] = [(before?.seq ?? 0) + 1, event.sequence - 1];
  const missing = from === to ? `Event ${from} before it is` : `Events ${from} to ${to} before it are`;
  const message = `${missing} missing: wait for the replay, or take a snapshot of its publisher.`;
  throw new DomainError('DEAD_LETTER_NOT_FIRST', message, { from, to });
}

function mustWait(letter: DeadLetter): DeadLetter {
  if (letter.state === 'WAITING') return letter;
  throw new DomainError(
    'DEAD_LETTER_SETTLED',
    `This was ${letter.state.toLowerCase()} already: nothing is left to do.`,
    {
      state: letter.state,
    },
  );
}
