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
  /** Whose they are; empty where that was not kept. */
  readonly source: string;
  readonly type: string;
  readonly day: string;
  readonly applied: number;
  readonly discarded: number;
  readonly covered: number;
  readonly waiting: number;
}

/** A reader, and whose events of a topic it reads. */
interface Who {
  readonly reader: string;
  readonly topic: string;
  readonly publisher: string;
  /** Its name in what the reader has counted; null for whatever is of the topic. */
  readonly source: string | null;
}

/** What a publisher has published and a reader has read: `published` before the reader was asked and after it. */
export interface Pair extends Who {
  readonly before: readonly Published[];
  readonly after: readonly Published[];
  readonly applied: readonly Applied[];
}

/** A type and day at a reader. */
export interface Line {
  readonly reader: string;
  readonly publisher: string;
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

/** What counts under it was covered by snapshots, of whatever type it was. */
const SNAPSHOT = 'merit.events.v1.Snapshot';

/**
 * Each type and day at a reader, with what is not explained by what it says became of its events.
 *
 * Traffic goes on meanwhile, so publishers are asked before and after their readers: what was published before must be
 * found, and no more than was published after may be. What a snapshot jumped over was never seen here, and is counted
 * under no type but the snapshot's: it explains as many as it covers, of its own day and those before, the earliest first.
 */
export function compare({ reader, topic, publisher, source, before, after, applied }: Pair): Line[] {
  const prefix = `${topic}.`;
  const mine = applied.filter(isOf({ topic, source }));
  const jumps = mine
    .filter(({ type }) => type === SNAPSHOT)
    .map(({ day, covered }) => ({ day, left: covered }))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
  const names = new Set(
    [...before, ...after, ...mine]
      .filter(({ type }) => type.startsWith(prefix))
      .map(({ day, type }) => `${day} ${type}`),
  );
  return [...names].sort().map((name) => {
    const [day = '', type = ''] = name.split(' ');
    const of = <Row extends { day: string; type: string }>(rows: readonly Row[]) =>
      rows.filter((row) => row.day === day && row.type === type);
    const { applied: took, discarded, covered: told, waiting } = became(of(mine));
    const published = of(before)[0]?.published ?? 0;
    const known = took + discarded + told + waiting;
    const difference = differenceOf(known, published, of(after)[0]?.published ?? 0);
    const bySnapshot = spend(jumps, day, difference);
    return {
      ...{ reader, publisher, type, day, published, applied: took, discarded, covered: told + bySnapshot, waiting },
      unexplained: difference - bySnapshot,
    };
  });
}

type Became = Pick<Applied, 'applied' | 'discarded' | 'covered' | 'waiting'>;

function became(rows: readonly Became[]): Became {
  const sum = (name: keyof Became) => rows.reduce((total, row) => total + row[name], 0);
  return { applied: sum('applied'), discarded: sum('discarded'), covered: sum('covered'), waiting: sum('waiting') };
}

const isOf =
  ({ topic, source }: Pick<Who, 'topic' | 'source'>) =>
  (row: Pick<Applied, 'topic' | 'source'>): boolean =>
    row.topic === topic && (source === null || row.source === source);

/** What several have published, as if they were one. */
export function publishedTogether(publishers: readonly { readonly published: readonly Published[] }[]): Published[] {
  const sums = new Map<string, Published>();
  for (const row of publishers.flatMap(({ published }) => published)) {
    const name = `${row.day} ${row.type}`;
    sums.set(name, { ...row, published: row.published + (sums.get(name)?.published ?? 0) });
  }
  return [...sums.values()];
}

/** Takes as many as are missing on a day from what snapshots of that day or later covered; how many there were. */
function spend(jumps: readonly { readonly day: string; left: number }[], day: string, missing: number): number {
  let open = Math.max(0, missing);
  for (const jump of jumps.filter((each) => each.day >= day)) {
    const taken = Math.min(open, jump.left);
    jump.left -= taken;
    open -= taken;
  }
  return Math.max(0, missing) - open;
}

/** Above 0 what is missing of what was published before, below 0 what is known beyond what was published after. */
const differenceOf = (known: number, before: number, after: number): number =>
  Math.max(0, before - known) - Math.max(0, known - after);

/** What became of all events of a topic at one reader, since the beginning. */
export type AppliedTotal = Pick<Applied, 'topic' | 'source' | 'applied' | 'discarded' | 'covered' | 'waiting'>;

/** All of a topic at a reader. */
export type Total = Omit<Line, 'type' | 'day'> & { readonly topic: string };

/**
 * The same of all events since the beginning, of whatever type and day. Here nothing can hide behind what a snapshot
 * covered: that counts once, and for nothing else.
 */
export function compareTotals({
  reader,
  topic,
  publisher,
  source,
  before,
  after,
  applied: all,
}: Who & {
  readonly before: number;
  readonly after: number;
  readonly applied: readonly AppliedTotal[];
}): Total {
  const mine = all.filter(isOf({ topic, source }));
  const sums = became(mine);
  const known = sums.applied + sums.discarded + sums.covered + sums.waiting;
  return { reader, topic, publisher, published: before, ...sums, unexplained: differenceOf(known, before, after) };
}
