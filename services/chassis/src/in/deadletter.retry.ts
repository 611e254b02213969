/** A line of dead letters, applied in order as far as it goes. */
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import { isCrawling, isOutage } from '../outage.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import { applySteps } from './consumer.apply.js';
import { countSteps, saveCounts } from './consumer.count.table.js';
import type { Subscription } from './consumer.js';
import { type DeadLetter, firstInLine, type Line, lockLine, noteFailure, settle } from './deadletter.table.js';
import { afterwards, type Known, type Sequence, type Step, sequenceName } from './inbox.js';
import { judge } from './inbox.judge.js';
import { read } from './inbox.letter.js';
import { supersede } from './inbox.letter.table.js';
import { knownOf, saveApplied } from './inbox.table.js';
import { feedRebuilds } from './rebuild.feed.js';

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

/** How many letters are tried in one transaction. */
const PORTION = 100;

/**
 * Applies what waits of a key, in order, until one fails again; that one stays first in line. Letters are tried together
 * while that goes well, and else one by one, to find the one at fault.
 * @param until the time, in milliseconds, after which no other portion is begun
 */
export async function retryLine(
  db: DataSource,
  subscriptions: readonly Subscription[],
  { topic, key }: Line,
  decision: Decision,
  until = Number.POSITIVE_INFINITY,
): Promise<Outcome> {
  const mine = subscriptions.filter((each) => each.topic === topic);
  let settled = 0;
  for (let portion = PORTION; ; ) {
    const tried = await retryFirst(db, mine, { topic, key }, decision, portion);
    if (typeof tried !== 'number') {
      if (portion === 1) return { settled, stoppedBy: await noteFailure(db, tried.first, tried.error) };
      portion = 1;
      continue;
    }
    settled += tried;
    if (tried === 0 || Date.now() >= until) return { settled, stoppedBy: null };
    portion = Math.min(PORTION, portion * 2);
  }
}

/** The first letters in one transaction: how many were settled, or what failed. */
async function retryFirst(
  db: DataSource,
  subscriptions: readonly Subscription[],
  line: Line,
  decision: Decision,
  portion: number,
): Promise<number | { readonly first: DeadLetter; readonly error: unknown }> {
  let first: DeadLetter | undefined;
  try {
    return await db.transaction(async (tx) => {
      const rebuilding = await lockLine(tx, line);
      const letters = await firstInLine(tx, line, portion);
      first = letters[0];
      const ids = await applyLetters(tx, subscriptions, rebuilding, letters);
      await settle(tx, ids, 'RETRIED', decision);
      return ids.length;
    });
  } catch (error) {
    const probe = () => db.transaction((tx) => lockLine(tx, line));
    if (!first || isOutage(error) || (portion === 1 && (await isCrawling(error, probe)))) throw error;
    return { first, error };
  }
}

/** @returns the ids of those that are settled with this: all up to the first that cannot be tried together with them */
async function applyLetters(
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  rebuilding: readonly string[],
  letters: readonly DeadLetter[],
): Promise<string[]> {
  if (letters.length === 0) return [];
  const place = letters[0]!;
  const { ids, steps, sequences } = plan(letters, await knownOf(tx, letters.map(read).filter(isEvent)));
  await applySteps(tx, subscriptions, steps);
  await feedRebuilds(tx, subscriptions, rebuilding, steps);
  await saveApplied(tx, sequences.values());
  const heals = steps.filter(({ kind }) => kind === 'REPLACES').map(({ event }) => ({ event, offset: place.offset }));
  await saveCounts(tx, place, countSteps(steps, await supersede(tx, place, heals)));
  return ids;
}

const isEvent = (event: ReceivedEvent | DomainError): event is ReceivedEvent => !(event instanceof DomainError);

interface Plan {
  readonly ids: string[];
  readonly steps: readonly Step[];
  readonly sequences: ReadonlyMap<string, Sequence>;
}

/**
 * What the letters come to, as far as they go. A snapshot goes alone, for it may settle others of the line.
 * @throws DomainError when it is the first that cannot be applied
 */
function plan(letters: readonly DeadLetter[], { applied, timelines }: Known): Plan {
  const ids: string[] = [];
  const steps: Step[] = [];
  const sequences = new Map<string, Sequence>();
  for (const letter of letters) {
    const event = read(letter);
    const isFirst = ids.length === 0;
    if (event instanceof DomainError) {
      if (isFirst) throw event;
      break;
    }
    if (event.snapshot !== null && !isFirst) break;
    const name = sequenceName(event);
    const before = sequences.get(name) ?? applied.get(name);
    const verdict = judge(event, before, timelines.get(event.source), true);
    if (verdict instanceof DomainError) {
      if (isFirst) throw verdict;
      break;
    }
    ids.push(letter.id);
    if (verdict === 'NEXT' || verdict === 'REPLACES') {
      steps.push({ kind: verdict, event, before });
      sequences.set(name, afterwards(event, before));
    }
    if (event.snapshot !== null) break;
  }
  return { ids, steps, sequences };
}
