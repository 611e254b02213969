/** A line of dead letters, settled call after call: what `events retry` and `events discard` have in common. */
import { DomainError } from '@merit/chassis/errors';
import type { Graph } from '../graph.client.js';
import { doWithEvents, type LetterId } from './events.services.js';
import { counted, number, wrapped } from './screen.js';

export interface Letter {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** What became of a dead letter and its line. */
export interface Outcome {
  readonly id: string;
  /** How many events were applied by these calls. */
  readonly applied: number;
  /** The event that failed, with its service. */
  readonly stoppedBy: Letter | null;
  /** It, or what waited behind it, had been settled by somebody else, or with another of its line, when its turn came. */
  readonly settledBefore: boolean;
}

/** What one call did. */
interface Settled {
  readonly applied: number;
  readonly waiting: number;
  readonly stoppedBy: Letter | null;
  readonly next: Letter | null;
}
const SELECTION = 'applied waiting stoppedBy { id code message } next { id code message }';

/** How a line is worked through. */
export interface How {
  readonly reason: string | undefined;
  readonly say: (text: string) => void;
}

/**
 * Retries a dead letter and what waits behind it, until the line is empty or one fails. One that is settled already is no
 * error: whoever was first did what was wanted.
 */
export async function retryLetter(graph: Graph, letter: LetterId, how: How): Promise<Outcome> {
  const first = await unlessSettled(retryOnce(graph, letter, how.reason));
  return rest(graph, letter, first, how);
}

/** Leaves a dead letter out for good, and applies what waits behind it. @throws DEAD_LETTER_SETTLED */
export async function discardLetter(
  graph: Graph,
  letter: LetterId,
  how: How & { readonly reason: string },
): Promise<Outcome> {
  const input = ['DiscardDeadLetterInput', { id: letter.id, reason: how.reason }] as const;
  const first = await doWithEvents<Settled>(graph, letter.service, 'discard*DeadLetter', input, SELECTION);
  return rest(graph, letter, first, how);
}

/** Goes on until the line is empty or one fails: a call does no more than fits into a request. */
async function rest(
  graph: Graph,
  { service, id }: LetterId,
  first: Settled | null,
  { reason, say }: How,
): Promise<Outcome> {
  let applied = 0;
  for (let done = first; ; ) {
    applied += done?.applied ?? 0;
    const failed = done?.stoppedBy ?? null;
    const stoppedBy = failed && { ...failed, id: `${service}/${failed.id}` };
    if (!done?.next || stoppedBy) return { id: `${service}/${id}`, applied, stoppedBy, settledBefore: done === null };
    say(`${counted(applied, 'event')} applied, ${number(done.waiting)} to go …`);
    done = await unlessSettled(retryOnce(graph, { service, id: done.next.id }, reason));
  }
}

const retryOnce = (graph: Graph, { service, id }: LetterId, reason: string | undefined): Promise<Settled> => {
  const input = { id, ...(reason === undefined ? {} : { reason }) };
  return doWithEvents<Settled>(graph, service, 'retry*DeadLetter', ['RetryDeadLetterInput', input], SELECTION);
};

/** What a call did; null when its letter did not wait any more. */
const unlessSettled = (call: Promise<Settled>): Promise<Settled | null> =>
  call.catch((error) => {
    if (error instanceof DomainError && error.code === 'DEAD_LETTER_SETTLED') return null;
    throw error;
  });

export const holdsUp = ({ id, code, message }: Letter): string =>
  `${id} failed and holds up its key now:\n  ${wrapped(`${code}: ${message}`, 2)}`;
