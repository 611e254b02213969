/** Events that were set aside, and what a person can do about them. */
import type { DataSource, EntityManager } from 'typeorm';
import { applySteps } from './consumer.apply.js';
import { countSteps, discardedOne, saveCounts } from './consumer.count.table.js';
import type { Subscription } from './consumer.js';
import type { DeadLetter } from './deadletter.table.js';
import { firstInLine, type Line, lockLine, noteFailure, settle, showDeadLetter } from './deadletter.table.js';
import { DomainError } from './errors.js';
import { afterwards, jumpedBy, type Step, sequenceName } from './inbox.js';
import { judge } from './inbox.judge.js';
import { read } from './inbox.letter.js';
import { supersede } from './inbox.letter.table.js';
import { knownOf, type Place, saveApplied } from './inbox.table.js';
import { isOutage } from './outage.js';
import { feedRebuilds, skipInRebuilds } from './rebuild.feed.js';

export {
  COLUMNS,
  countDeadLetters,
  type DeadLetter,
  type DeadLetterPage,
  type DeadLetterState,
  listDeadLetters,
  showDeadLetter,
} from './deadletter.table.js';

/** Who decided, and why. */
export interface Decision {
  readonly by: string;
  readonly reason: string;
}

/** What became of a key: how many events were settled, and the one that stopped it, if any did. */
export interface Outcome {
  readonly settled: number;
  readonly stoppedBy: DeadLetter | null;
}

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

/** The same for the line of a key, whoever is first in it. */
export async function retryLine(
  db: DataSource,
  subscriptions: readonly Subscription[],
  { topic, key }: Line,
  decision: Decision,
  until = Number.POSITIVE_INFINITY,
): Promise<Outcome> {
  const mine = subscriptions.filter((each) => each.topic === topic);
  for (let settled = 0; ; settled += 1) {
    const stoppedBy = await retryFirst(db, mine, { topic, key }, decision);
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
  until?: number,
): Promise<Outcome> {
  const line = await db.transaction(async (tx) => {
    const { topic, key } = await showDeadLetter(tx, id);
    const rebuilding = await lockLine(tx, { topic, key });
    const letter = mustWait(await showDeadLetter(tx, id));
    const event = read(letter);
    if (!(event instanceof DomainError)) {
      await refuseLater(tx, letter);
      await leaveOut(tx, letter, { kind: 'NEXT', event, jumped: 0 });
      const mine = subscriptions.filter((each) => each.topic === topic);
      if (event.snapshot === null) await skipInRebuilds(tx, mine, rebuilding, { kind: 'NEXT', event, jumped: 0 });
    }
    await settle(tx, id, 'DISCARDED', decision);
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
      const rebuilding = await lockLine(tx, line);
      first = await firstInLine(tx, line);
      if (!first) return null;
      await applyLetter(tx, subscriptions, rebuilding, first);
      await settle(tx, first.id, 'RETRIED', decision);
      return 'SETTLED';
    });
  } catch (error) {
    if (!first || isOutage(error)) throw error;
    return noteFailure(db, first, error);
  }
}

async function applyLetter(
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  rebuilding: readonly string[],
  letter: DeadLetter,
): Promise<void> {
  const event = read(letter);
  if (event instanceof DomainError) throw event;
  const { applied, timelines } = await knownOf(tx, [event]);
  const before = applied.get(sequenceName(event));
  const verdict = judge(event, before, timelines.get(event.source), true);
  if (verdict instanceof DomainError) throw verdict;
  if (verdict === 'REPEATED' || verdict === 'CURRENT') return;
  const step = { kind: verdict, event, jumped: verdict === 'REPLACES' ? jumpedBy(event, before) : 0 };
  await applySteps(tx, subscriptions, [step]);
  await feedRebuilds(tx, subscriptions, rebuilding, [step]);
  await saveApplied(tx, [afterwards(event, before)]);
  const superseded = verdict === 'REPLACES' ? await supersede(tx, letter, [{ event, offset: letter.offset }]) : [];
  await saveCounts(tx, letter, countSteps([step], superseded));
}
