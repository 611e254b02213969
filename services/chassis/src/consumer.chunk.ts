/** A chunk of records through the inbox and into the subscriptions, in one transaction. */
import type { Logger } from 'pino';
import type { DataSource, EntityManager } from 'typeorm';
import { isHeartbeat, type ReceivedEvent } from './envelope.js';
import { DomainError } from './errors.js';
import { enter, idOf, keyOf, letterOf, read, sift, type Trust } from './inbox.js';
import { appliedOf, lockPosition, parkedKeys, saveApplied, saveLetters, savePosition } from './inbox.table.js';
import { isOutage } from './outage.js';
import type { Chunk, ChunkHandler, LogRecord } from './transport.js';

/** How often an event is tried that fails for no reason we know. */
const ATTEMPTS = 5;

export interface ChunkOptions {
  readonly db: DataSource;
  readonly log: Logger;
  /** Hands events to whoever wants them. */
  readonly dispatch: (tx: EntityManager, topic: string, events: readonly ReceivedEvent[]) => Promise<void>;
  /** Told after each commit. */
  readonly onDone: (topic: string, done: Done) => void;
}

export interface Done {
  readonly applied: readonly ReceivedEvent[];
  readonly repeated: number;
  readonly parked: number;
}

/** What a process remembers of a partition, for as long as it has it. */
interface Memory {
  readonly assignment: number;
  trust: Trust;
  /** The event that failed last, and how often. */
  suspect: { readonly offset: number; attempts: number } | null;
}

/** The offset to go on from; `elsewhere` when that is not right behind the records given, and whether a log begins there anew. */
interface Step {
  readonly next: number;
  readonly elsewhere: boolean;
  readonly anew: boolean;
}
const behind = (offset: number): Step => ({ next: offset + 1, elsewhere: false, anew: false });

/**
 * Applies chunks exactly once. One that fails is tried again event by event, to find the one at fault; that one is set
 * aside with its key, at once for a DomainError, else after five attempts. When it is the database or the network that
 * fails, nobody is at fault: the error goes to the transport, which lets the partition rest.
 */
export function chunkHandler(options: ChunkOptions): ChunkHandler {
  const memories = new Map<string, Memory>();
  return async (chunk) => {
    const name = `${chunk.topic}/${chunk.partition}`;
    let memory = memories.get(name);
    if (memory?.assignment !== chunk.assignment) {
      memory = { assignment: chunk.assignment, trust: { expected: null, asked: null }, suspect: null };
      memories.set(name, memory);
    }
    if (memory.suspect === null) {
      try {
        return (await applyRecords(options, chunk, chunk.records, memory)).next;
      } catch (error) {
        if (isOutage(error)) throw error;
      }
    }
    return oneByOne(options, chunk, memory);
  };
}

async function oneByOne(options: ChunkOptions, chunk: Chunk, memory: Memory): Promise<number> {
  let next = chunk.records[0]!.offset;
  for (const record of chunk.records) {
    const step = await tryRecord(options, chunk, record, memory);
    if (step.elsewhere) return step.next;
    next = step.next;
  }
  return next;
}

async function tryRecord(options: ChunkOptions, chunk: Chunk, record: LogRecord, memory: Memory): Promise<Step> {
  try {
    return await applyRecords(options, chunk, [record], memory);
  } catch (error) {
    if (isOutage(error)) throw error;
    const attempts = memory.suspect?.offset === record.offset ? memory.suspect.attempts + 1 : 1;
    memory.suspect = { offset: record.offset, attempts };
    const final = error instanceof DomainError;
    if (!final && attempts < ATTEMPTS) throw error;
    const { code, message } = final ? error : { code: 'FAILED', message: String((error as Error)?.message ?? error) };
    options.log.error(
      { err: error, topic: chunk.topic, eventId: record.headers['ce_id'], attempts },
      'event parked with its key',
    );
    return setAside(options, chunk, record, memory, { code, message, attempts });
  }
}

/** Lock, compare, apply, note: everything that makes an effect happen once is in this one transaction. */
async function applyRecords(
  { db, dispatch, onDone }: ChunkOptions,
  chunk: Chunk,
  records: readonly LogRecord[],
  memory: Memory,
): Promise<Step> {
  let done: Done | null = null;
  const step = await db.transaction(async (tx): Promise<Step> => {
    const position = await lockPosition(tx, chunk.topic, chunk.partition);
    const entry = await enter(position, { ...chunk, records }, memory.trust);
    if ('goTo' in entry) return { next: entry.goTo, elsewhere: true, anew: entry.anew };
    const mine = records.filter(({ offset }) => offset >= entry.from);
    const last = mine.at(-1);
    if (!last) {
      const end = records.at(-1)!.offset;
      return entry.from === end + 1 ? behind(end) : { next: entry.from, elsewhere: true, anew: false };
    }
    const events = mine.filter((record) => !isHeartbeat(record));
    const parked = await parkedKeys(tx, chunk.topic, [...new Set(events.map(keyOf))]);
    const readable = events.map(read).filter((event): event is ReceivedEvent => !(event instanceof DomainError));
    const sifted = sift(mine, parked, await appliedOf(tx, readable));
    await dispatch(tx, chunk.topic, sifted.apply);
    await saveApplied(tx, sifted.sequences);
    await saveLetters(tx, chunk, sifted.letters);
    await savePosition(tx, chunk, {
      next: last.offset + 1,
      clusterId: chunk.clusterId,
      lastEventId: idOf(last),
      asOf: sifted.asOf,
    });
    done = { applied: sifted.apply, repeated: sifted.repeated, parked: sifted.letters.length };
    return behind(last.offset);
  });
  remember(memory, step, records);
  if (done) onDone(chunk.topic, done);
  return step;
}

function remember(memory: Memory, { next, elsewhere, anew }: Step, records: readonly LogRecord[]): void {
  memory.trust = elsewhere ? { expected: null, asked: { offset: next, anew } } : { expected: next, asked: null };
  if (memory.suspect && records.at(-1)!.offset >= memory.suspect.offset) memory.suspect = null;
}

async function setAside(
  { db, onDone }: ChunkOptions,
  chunk: Chunk,
  record: LogRecord,
  memory: Memory,
  error: { code: string; message: string; attempts: number },
): Promise<Step> {
  await db.transaction(async (tx) => {
    const position = await lockPosition(tx, chunk.topic, chunk.partition);
    if (position.next > record.offset && position.clusterId === chunk.clusterId) return; // another member was quicker
    await saveLetters(tx, chunk, [letterOf(record, error, error.attempts)]);
    await savePosition(tx, chunk, {
      next: record.offset + 1,
      clusterId: chunk.clusterId,
      lastEventId: idOf(record),
      asOf: null,
    });
  });
  const step = behind(record.offset);
  remember(memory, step, [record]);
  onDone(chunk.topic, { applied: [], repeated: 0, parked: 1 });
  return step;
}
