/** Whether every event that was published became something at every reader: the comparison, without a network. */

/** How many events of a type were published, of those written down on a UTC day. */
export interface Published {
  readonly type: string;
  readonly day: string;
  readonly published: number;
}

/** What became of them at one reader. */
export interface Applied {
  readonly topic: string;
  readonly type: string;
  readonly day: string;
  readonly applied: number;
  readonly discarded: number;
  readonly covered: number;
  readonly waiting: number;
}

/** What a publisher has published and a reader has read: `published` before the reader was asked and after it. */
export interface Pair {
  readonly reader: string;
  readonly topic: string;
  readonly before: readonly Published[];
  readonly after: readonly Published[];
  readonly applied: readonly Applied[];
}

/** A type and day at a reader. */
export interface Line {
  readonly reader: string;
  readonly type: string;
  readonly day: string;
  readonly published: number;
  readonly applied: number;
  readonly discarded: number;
  readonly covered: number;
  readonly waiting: number;
  /** Published and nowhere to be found: above 0. Taken in and never published: below 0. */
  readonly unexplained: number;
}

/** What counts under it was covered by snapshots, of whatever type and day it was. */
const SNAPSHOT = 'merit.events.v1.Snapshot';

/**
 * Each type and day at a reader, with what is not explained by what it says became of its events.
 *
 * Traffic goes on meanwhile, so publishers are asked before and after their readers: what was published before must be
 * found, and no more than was published after may be. What a snapshot jumped over was never seen here, and is counted
 * under no type but the snapshot's: it explains as many as it covers, the earliest first.
 */
export function compare({ reader, topic, before, after, applied }: Pair): Line[] {
  const prefix = `${topic}.`;
  const mine = applied.filter((row) => row.topic === topic);
  let spare = mine.filter(({ type }) => type === SNAPSHOT).reduce((sum, { covered }) => sum + covered, 0);
  const names = new Set(
    [...before, ...after, ...mine]
      .filter(({ type }) => type.startsWith(prefix))
      .map(({ day, type }) => `${day} ${type}`),
  );
  return [...names].sort().map((name) => {
    const [day = '', type = ''] = name.split(' ');
    const of = <Row extends { day: string; type: string }>(rows: readonly Row[]) =>
      rows.find((row) => row.day === day && row.type === type);
    const { applied: took = 0, discarded = 0, covered: told = 0, waiting = 0 } = of(mine) ?? {};
    const known = took + discarded + told + waiting;
    const published = of(before)?.published ?? 0;
    const missing = Math.max(0, published - known);
    const bySnapshot = Math.min(missing, spare);
    spare -= bySnapshot;
    const surplus = Math.max(0, known - (of(after)?.published ?? 0));
    const covered = told + bySnapshot;
    return {
      reader,
      type,
      day,
      published,
      applied: took,
      discarded,
      covered,
      waiting,
      unexplained: missing - bySnapshot - surplus,
    };
  });
}
