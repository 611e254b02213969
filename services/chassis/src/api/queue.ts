/** Work that waits its turn: so many at a time, so many waiting, and no more. */
import { DomainError } from '../errors.js';

export interface QueueLimits {
  readonly running: number;
  readonly waiting: number;
  /** Work that waited longer is not begun any more: whoever asked is about to give up. Milliseconds. */
  readonly patienceMs: number;
}

const overloaded = (): DomainError =>
  new DomainError('OVERLOADED', 'Too much work is waiting. Try again in a few seconds.', { retryAfterSeconds: 1 });

export interface BoundedQueue {
  /** @throws OVERLOADED, without having begun the work, when the queue is full or the wait was too long */
  <R>(work: () => Promise<R>): Promise<R>;
  /** How much is under way, and how much waits. */
  readonly depth: () => { readonly running: number; readonly waiting: number };
}

/** A queue in which work runs in the order it came. */
export function boundedQueue({ running, waiting, patienceMs }: QueueLimits): BoundedQueue {
  const queue: { readonly since: number; readonly settle: (begin: boolean) => void }[] = [];
  let active = 0;

  const turn = (): Promise<boolean> | boolean => {
    if (active < running) {
      active += 1;
      return true;
    }
    if (queue.length >= waiting) return false;
    return new Promise((settle) => queue.push({ since: performance.now(), settle }));
  };
  /** Passes the place of work that has ended to the first that still wants it. */
  const passOn = () => {
    for (let first = queue.shift(); first; first = queue.shift()) {
      const inTime = performance.now() - first.since <= patienceMs;
      first.settle(inTime);
      if (inTime) return;
    }
    active -= 1;
  };
  const run = async <R>(work: () => Promise<R>): Promise<R> => {
    if (!(await turn())) throw overloaded();
    try {
      return await work();
    } finally {
      passOn();
    }
  };
  return Object.assign(run, { depth: () => ({ running: active, waiting: queue.length }) });
}
