/** What a process remembers of the partitions it reads, between one chunk and the next. */
import type { Chunk, LogRecord } from '../transport/transport.js';
import type { Trust } from './inbox.fence.js';
import { idOf } from './inbox.letter.js';

/** What a process remembers of a partition. */
export interface Memory {
  readonly assignment: number;
  /** For as long as the partition stays assigned: what comes first after that may be of another place, or another log. */
  trust: Trust;
  /** For as long as the process lives: on a line that breaks again and again, an event would never be tried often enough. */
  readonly doubt: { suspect: Suspect | null };
}

/** The event that failed last, and how often. Of another log, another event may have the same offset. */
interface Suspect {
  readonly offset: number;
  readonly eventId: string | null;
  readonly attempts: number;
}

/** The offset to go on from; `elsewhere` when that is not right behind the records given, and whether a log begins there anew. */
export interface Onward {
  readonly next: number;
  readonly elsewhere: boolean;
  readonly anew: boolean;
}
export const behind = (offset: number): Onward => ({ next: offset + 1, elsewhere: false, anew: false });

/** Of each partition. */
export function memories(): (chunk: Chunk) => Memory {
  const known = new Map<string, Memory>();
  return ({ topic, partition, assignment }) => {
    const name = `${topic}/${partition}`;
    const before = known.get(name);
    if (before?.assignment === assignment) return before;
    const doubt = before?.doubt ?? { suspect: null };
    const memory = { assignment, trust: { expected: null, asked: null }, doubt };
    known.set(name, memory);
    return memory;
  };
}

/** Notes where records have led, once their transaction is committed. */
export function remember(memory: Memory, { next, elsewhere, anew }: Onward): void {
  memory.trust = elsewhere ? { expected: null, asked: { offset: next, anew } } : { expected: next, asked: null };
  if (memory.doubt.suspect && next > memory.doubt.suspect.offset) memory.doubt.suspect = null;
}

const attemptsAt = ({ doubt: { suspect } }: Memory, record: LogRecord): number =>
  suspect?.offset === record.offset && suspect.eventId === idOf(record) ? suspect.attempts : 0;

/** Whether the event that failed last is among them. */
export const areSuspect = (memory: Memory, records: readonly LogRecord[]): boolean =>
  records.some((record) => attemptsAt(memory, record) > 0);

/** Notes that one has failed; how often it has by now. */
export function hasFailed(memory: Memory, record: LogRecord): number {
  const attempts = attemptsAt(memory, record) + 1;
  memory.doubt.suspect = { offset: record.offset, eventId: idOf(record), attempts };
  return attempts;
}
