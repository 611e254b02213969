import type { Judged } from './judge.js';

/** Rows that go to the graph in one call. */
export interface Chunk {
  /** Counted from 0, in the order of the file. The same file gives the same chunks. */
  readonly index: number;
  /** What the call is about beside its rows, such as a service; '' where there is nothing. */
  readonly group: string;
  readonly rows: readonly Judged[];
}

/** As many as the graph takes at once. */
const MOST_ROWS = 1_000;
/** The gateway takes 1 MB a request; this leaves room for what stands around the rows. Bytes. */
const MOST_BYTES = 700_000;

/** Gathers rows into chunks, each of one group. Rows of a group stay in order. */
export async function* chunksOf<Row extends Judged>(
  rows: AsyncIterable<Row>,
  groupOf: (row: Row) => string,
  mostRows = MOST_ROWS,
): AsyncGenerator<Chunk> {
  const open = new Map<string, { rows: Judged[]; bytes: number }>();
  let index = 0;
  for await (const row of rows) {
    const group = groupOf(row);
    const bytes = Buffer.byteLength(JSON.stringify(row.value));
    const gathered = open.get(group) ?? { rows: [], bytes: 0 };
    open.set(group, gathered);
    if (gathered.bytes + bytes > MOST_BYTES || gathered.rows.length === mostRows) {
      yield { index: index++, group, rows: gathered.rows };
      open.set(group, { rows: [row], bytes });
      continue;
    }
    gathered.rows.push(row);
    gathered.bytes += bytes;
  }
  for (const [group, { rows: last }] of open) yield { index: index++, group, rows: last };
}

/** Runs `work` on each item, `width` at a time, and stops taking new ones when `stopped` says so or one fails. */
export async function eachOf<Item>(
  items: AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<void>,
  stopped: () => boolean = () => false,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | null = null;
  for await (const item of items) {
    const task = work(item)
      .catch((error) => {
        failure ??= { error };
      })
      .finally(() => running.delete(task));
    running.add(task);
    if (running.size >= width) await Promise.race(running);
    if (failure || stopped()) break;
  }
  await Promise.all(running);
  if (failure) throw (failure as { error: unknown }).error;
}
