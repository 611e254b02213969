/** Events that were set aside, and what a person can do about them. */
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import { discardedOne, saveCounts } from './consumer.count.table.js';
import type { Subscription } from './consumer.js';
import { type Decision, type Outcome, retryLine } from './deadletter.retry.js';
import type { DeadLetter } from './deadletter.table.js';
import { lockLine, settle, showDeadLetter, TIMELINE } from './deadletter.table.js';
import { afterwards, sequenceName } from './inbox.js';
import { judge } from './inbox.judge.js';
import { read } from './inbox.letter.js';
import { knownOf, type Place, saveApplied } from './inbox.table.js';
import { skipInRebuilds } from './rebuild.feed.js';

export type { Decision, Outcome } from './deadletter.retry.js';
export { COLUMNS, type DeadLetter, type DeadLetterState, showDeadLetter } from './deadletter.table.js';

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
 * must be the next of its aggregate: the events before it would be left out with it, though they can still come. One of
 * another timeline takes no number of the aggregate's, and what follows it goes on waiting for the snapshot.
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
      await refuseLater(tx, letter, event);
      const mine = subscriptions.filter((each) => each.topic === topic);
      if (event.snapshot === null) await leaveOut(tx, letter, event, mine, rebuilding);
    }
    await settle(tx, [id], 'DISCARDED', decision);
    return { topic, key };
  });
  return retryLine(db, subscriptions, line, decision, until);
}

/**
 * Its number counts as taken, until a snapshot comes. An event of another history than the one its aggregate is at here
 * takes none, for numbers of one say nothing of those of the other. What nothing is expected of any more is not counted as
 * discarded: an event of a history that was left, or of a number that another event has.
 * @throws DEAD_LETTER_NOT_FIRST
 */
async function leaveOut(
  tx: EntityManager,
  place: Place,
  event: ReceivedEvent,
  subscriptions: readonly Subscription[],
  rebuilding: readonly string[],
): Promise<void> {
  const { applied, timelines } = await knownOf(tx, [event]);
  const before = applied.get(sequenceName(event));
  const verdict = judge(event, before, timelines.get(event.source));
  if (verdict === 'REPEATED') return;
  const code = verdict instanceof DomainError ? verdict.code : null;
  if (code === 'GAP') refuseBehindGap(event, before?.seq ?? 0);
  if (code !== 'DIVERGED') await saveCounts(tx, place, [discardedOne(event)]);
  if (code === 'TIMELINE') return;
  await saveApplied(tx, [{ ...afterwards(event), incomplete: true }]);
  await skipInRebuilds(tx, subscriptions, rebuilding, { kind: 'NEXT', event, before });
}

async function refuseLater(
  tx: EntityManager,
  { topic, key }: DeadLetter,
  { source, aggregate, sequence, timeline }: ReceivedEvent,
): Promise<void> {
  const [earlier]: { id: string }[] = await tx.query(
    `select d.id from dead_letter d where d.state = 'WAITING' and d.topic = $1 and d.key = $2
        and d.headers->>'ce_source' = $3 and d.headers->>'ce_subject' = $4 and d.sequence < $5 and ${TIMELINE} = $6
      order by d.sequence limit 1`,
    [topic, key, source, aggregate, sequence, timeline],
  );
  if (!earlier) return;
  const message = `Earlier events of the same thing wait: settle those first, beginning with ${earlier.id}.`;
  throw new DomainError('DEAD_LETTER_NOT_FIRST', message, { first: earlier.id });
}

function refuseBehindGap({ sequence }: ReceivedEvent, last: number): never {
  const [from, to] = [last + 1, sequence - 1];
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
