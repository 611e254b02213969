/** Answers that are kept until something happens to what they are about. */

export interface Kept {
  /** Of what it is about; each is dropped when something happens to any of them. */
  readonly tags: readonly string[];
  /** Whether it may be kept at all. */
  readonly lasting: boolean;
  /** What it takes up. Bytes. */
  readonly size: number;
}

export interface CacheOptions {
  /** Bytes of all answers together; those asked for longest ago go first. */
  readonly mostBytes: number;
  /** The net below the events. Milliseconds. */
  readonly ttlMs: number;
  /** Milliseconds, of any clock that only goes forward. */
  readonly now: () => number;
}

export interface Cache<A extends Kept> {
  /** An answer that is kept. */
  get(key: string): A | undefined;
  /**
   * The kept answer, else what `make` gives. Who asks for the same while it is made waits for the same, unless something
   * happened in between: it may have been read before that. Only what lasts is shared: a failure, or a refusal, may be
   * about who asked first, so whoever waited for that makes it anew. It is kept when nothing happened to its tags since
   * `make` began, however late it comes.
   */
  read(key: string, make: () => Promise<A>): Promise<A>;
  /** Something happened to these. */
  drop(tags: Iterable<string>): void;
  /** Something may have happened to anything. */
  clear(): void;
  readonly bytes: () => number;
}

interface Entry<A> {
  readonly answer: A;
  readonly until: number;
}

interface Flight<A> {
  readonly begunAt: number;
  readonly answer: Promise<A>;
}

/**
 * A cache whose readers never see an answer that is older than what the cache had been told before they asked.
 *
 * Time is counted in things that happened: each drop is one tick, and a tag remembers its last. An answer belongs to the
 * tick at which its making began, and is too old when one of its tags has a later one. What tags remember is forgotten as
 * soon as no answer from before is being made.
 */
export function createCache<A extends Kept>({ mostBytes, ttlMs, now }: CacheOptions): Cache<A> {
  const entries = new Map<string, Entry<A>>(); // in the order in which they were asked for last
  const byTag = new Map<string, Set<string>>();
  const flights = new Map<string, Flight<A>>();
  const underWay = new Map<symbol, number>();
  const droppedAt = new Map<string, number>();
  let tick = 0;
  let clearedAt = 0;
  let bytes = 0;

  const remove = (key: string) => {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    bytes -= entry.answer.size;
    for (const tag of entry.answer.tags) {
      const keys = byTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) byTag.delete(tag);
    }
  };
  const keep = (key: string, answer: A) => {
    remove(key);
    entries.set(key, { answer, until: now() + ttlMs });
    bytes += answer.size;
    for (const tag of answer.tags) {
      const keys = byTag.get(tag) ?? new Set();
      byTag.set(tag, keys.add(key));
    }
    for (const [oldest] of entries) {
      if (bytes <= mostBytes) break;
      remove(oldest);
    }
  };
  const get = (key: string): A | undefined => {
    const entry = entries.get(key);
    if (!entry) return undefined;
    if (entry.until <= now()) {
      remove(key);
      return undefined;
    }
    entries.delete(key);
    entries.set(key, entry);
    return entry.answer;
  };
  const isFresh = ({ tags, lasting }: A, begunAt: number) =>
    lasting && begunAt >= clearedAt && tags.every((tag) => (droppedAt.get(tag) ?? 0) <= begunAt);
  /** What was dropped before everything that is being made began can spoil none of it. */
  const forget = () => {
    const first = Math.min(tick, ...underWay.values());
    for (const [tag, at] of droppedAt) if (at <= first) droppedAt.delete(tag);
  };

  const fly = (key: string, make: () => Promise<A>): Promise<A> => {
    const begunAt = tick;
    const name = Symbol(key);
    underWay.set(name, begunAt);
    const answer = make()
      .then((made) => {
        if (isFresh(made, begunAt)) keep(key, made);
        return made;
      })
      .finally(() => {
        underWay.delete(name);
        if (flights.get(key)?.answer === answer) flights.delete(key);
        if (droppedAt.size > 0) forget();
      });
    flights.set(key, { begunAt, answer });
    return answer;
  };

  return {
    get,
    read(key, make) {
      const kept = get(key);
      if (kept) return Promise.resolve(kept);
      const flight = flights.get(key);
      if (flight?.begunAt !== tick) return fly(key, make);
      const anew = () => fly(key, make);
      return flight.answer.then((answer) => (answer.lasting ? answer : anew()), anew);
    },
    drop(tags) {
      tick += 1;
      for (const tag of tags) {
        if (underWay.size > 0) droppedAt.set(tag, tick);
        for (const key of [...(byTag.get(tag) ?? [])]) remove(key);
      }
    },
    clear() {
      tick += 1;
      clearedAt = tick;
      for (const key of [...entries.keys()]) remove(key);
    },
    bytes: () => bytes,
  };
}
