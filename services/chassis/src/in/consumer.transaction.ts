/** Records through the inbox and into the subscriptions, in one transaction. */
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import { transactPrepared } from '../prepared.js';
import { isSignal, type ReceivedEvent } from '../transport/envelope.js';
import type { Chunk, LogRecord } from '../transport/transport.js';
import { applySteps } from './consumer.apply.js';
import { countSteps, saveCounts } from './consumer.count.table.js';
import type { Subscription } from './consumer.js';
import { behind, type Memory, type Onward, remember } from './consumer.memory.js';
import { enter } from './inbox.fence.js';
import { type Sifted, sift } from './inbox.js';
import { idOf, keyOf, type Letter, letterOf, read } from './inbox.letter.js';
import { parkedKeys, type Saved, saveLetters, supersede } from './inbox.letter.table.js';
import { knownOf, lockPosition, saveApplied, savePosition } from './inbox.table.js';
import { endRuns, feedRebuilds } from './rebuild.feed.js';
import { askAgain } from './requests.out.js';

export interface ChunkOptions {
  readonly db: DataSource;
  readonly log: Logger;
  /** The reader's name, as publishers are told it. */
  readonly group: string;
  /** Of all topics; a chunk goes to those of its own. */
  readonly subscriptions: readonly Subscription[];
  /** Told after each commit. */
  readonly onDone: (topic: string, done: Done) => void;
}

export interface Done {
  readonly applied: readonly ReceivedEvent[];
  readonly repeated: number;
  readonly parked: number;
  /** Snapshots that took the place of what was. */
  readonly replaced: number;
  /** Of those parked, where events before them were missing. */
  readonly gaps: number;
  /** Of those parked, which came after a later event of their aggregate. */
  readonly inversions: number;
  readonly records: number;
  readonly seconds: number;
}

/** So few records are applied by statements that are planned once; for more, planning costs little beside the work. */
const FEW = 20;

/** Lock, compare, apply, note: everything that makes an effect happen once is in this one transaction. */
export async function applyRecords(
  options: ChunkOptions,
  chunk: Chunk,
  records: readonly LogRecord[],
  memory: Memory,
): Promise<Onward> {
  const begun = performance.now();
  const subscriptions = options.subscriptions.filter(({ topic }) => topic === chunk.topic);
  const events = records.filter((record) => !isSignal(record));
  let done: Omit<Done, 'seconds'> | null = null;
  let fresh: readonly Letter[] = [];
  const work = async (tx: EntityManager): Promise<Onward> => {
    // Sent together, and done in this order: what is known is read once the position is held.
    const [position, knowledge] = await Promise.all([
      lockPosition(tx, chunk.topic, chunk.partition),
      knowledgeOf(tx, chunk.topic, events),
    ]);
    const [parked, known] = position.isNew ? await knowledgeOf(tx, chunk.topic, events) : knowledge;
    const entry = await enter(position, { ...chunk, records }, memory.trust);
    if ('goTo' in entry) return { next: entry.goTo, elsewhere: true, anew: entry.anew };
    const mine = records.filter(({ offset }) => offset >= entry.from);
    const last = mine.at(-1);
    if (!last) {
      const end = records.at(-1)!.offset;
      return entry.from === end + 1 ? behind(end) : { next: entry.from, elsewhere: true, anew: false };
    }
    const sifted = sift(mine, parked, known);
    await applySteps(tx, subscriptions, replacing(sifted));
    await feedRebuilds(tx, subscriptions, position.rebuilding, sifted.steps);
    const [, saved] = await Promise.all([
      saveApplied(tx, sifted.sequences.values()),
      conclude(tx, options.group, chunk, subscriptions, sifted, last),
    ]);
    fresh = saved.fresh;
    done = cameTo(sifted, saved, mine.length);
    return behind(last.offset);
  };
  const step = await (records.length <= FEW ? transactPrepared(options.db, work) : options.db.transaction(work));
  remember(memory, step);
  tellSetAside(chunk, fresh);
  if (done)
    options.onDone(chunk.topic, { ...(done as Omit<Done, 'seconds'>), seconds: (performance.now() - begun) / 1_000 });
  return step;
}

/** The keys of these records that are parked, and what is known of the aggregates that they are about. */
function knowledgeOf(tx: EntityManager, topic: string, events: readonly LogRecord[]) {
  const readable = events.map(read).filter((event): event is ReceivedEvent => !(event instanceof DomainError));
  return Promise.all([parkedKeys(tx, topic, [...new Set(events.map(keyOf))]), knownOf(tx, readable)]);
}

/** Writes down what is set aside, what that settles and what the chunk came to, and moves the position behind it. */
async function conclude(
  tx: EntityManager,
  group: string,
  chunk: Chunk,
  subscriptions: readonly Subscription[],
  { letters, heals, ended, steps, asOf }: Sifted,
  last: LogRecord,
): Promise<Saved> {
  const saved = await saveLetters(tx, chunk, letters);
  await askAgain(tx, group, saved.fresh);
  const superseded = await supersede(tx, chunk, heals);
  await endRuns(tx, chunk, subscriptions, ended);
  const lastEventId = idOf(last);
  await Promise.all([
    saveCounts(tx, chunk, countSteps(steps, superseded)),
    savePosition(tx, chunk, { next: last.offset + 1, clusterId: chunk.clusterId, lastEventId, asOf }),
  ]);
  return saved;
}

function tellSetAside({ onSetAside }: Chunk, letters: readonly Letter[]): void {
  for (const { record, code, message } of letters) onSetAside?.(record.offset, new DomainError(code, message));
}

const replacing = ({ steps }: Sifted) => steps.filter(({ kind }) => kind !== 'CURRENT');

const cameTo = ({ steps, letters, repeated }: Sifted, { fresh, inversions }: Saved, records: number) => ({
  applied: steps.filter(({ kind }) => kind === 'NEXT').map(({ event }) => event),
  repeated: repeated + steps.filter(({ kind }) => kind === 'CURRENT').length,
  parked: letters.length,
  replaced: steps.filter(({ kind }) => kind === 'REPLACES').length,
  gaps: fresh.filter(({ code }) => code === 'GAP').length,
  inversions,
  records,
});

/** Sets aside a record that is at fault, with its key, in place of applying it. */
export async function setAside(
  { db, group, onDone }: ChunkOptions,
  chunk: Chunk,
  record: LogRecord,
  memory: Memory,
  error: { code: string; message: string; attempts: number },
): Promise<Onward> {
  const begun = performance.now();
  const letters = [letterOf(record, error, { attempts: error.attempts })];
  await db.transaction(async (tx) => {
    const position = await lockPosition(tx, chunk.topic, chunk.partition);
    if (position.next > record.offset && position.clusterId === chunk.clusterId) return; // another member was quicker
    const { fresh } = await saveLetters(tx, chunk, letters);
    await askAgain(tx, group, fresh);
    await savePosition(tx, chunk, {
      next: record.offset + 1,
      clusterId: chunk.clusterId,
      lastEventId: idOf(record),
      asOf: null,
    });
  });
  const step = behind(record.offset);
  remember(memory, step);
  tellSetAside(chunk, letters);
  const nothing = { applied: [], repeated: 0, replaced: 0, gaps: 0, inversions: 0 };
  onDone(chunk.topic, { ...nothing, parked: 1, records: 1, seconds: (performance.now() - begun) / 1_000 });
  return step;
}
