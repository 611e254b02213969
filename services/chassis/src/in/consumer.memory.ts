/** What a process remembers of the partitions it has, between one chunk and the next. */
import type { Chunk, LogRecord } from '../transport/transport.js';
import type { Trust } from './inbox.fence.js';

/** What a process remembers of a partition, for as long as it has it. */
export interface Memory {
  readonly assignment: number;
  trust: Trust;
  /** The event that failed last, and how often. */
  suspect: { readonly offset: number; attempts: number } | null;
}

/** The offset to go on from; `elsewhere` when that is not right behind the records given, and whether a log begins there anew. */
export interface Onward {
  readonly next: number;
  readonly elsewhere: boolean;
  readonly anew: boolean;
}
export const behind = (offset: number): Onward => ({ next: offset + 1, elsewhere: false, anew: false });

/** Of each partition, as long as it stays assigned: begun anew with each assignment. */
export function memories(): (chunk: Chunk) => Memory {
  const known = new Map<string, Memory>();
  return ({ topic, partition, assignment }) => {
    const name = `${topic}/${partition}`;
    const before = known.get(name);
    if (before?.assignment === assignment) return before;
    const memory = { assignment, trust: { expected: null, asked: null }, suspect: null };
    known.set(name, memory);
    return memory;
  };
}

/** Notes where these records have led, once their transaction is committed. */
export function remember(memory: Memory, { next, elsewhere, anew }: Onward, records: readonly LogRecord[]): void {
  memory.trust = elsewhere ? { expected: null, asked: { offset: next, anew } } : { expected: next, asked: null };
  if (memory.suspect && records.at(-1)!.offset >= memory.suspect.offset) memory.suspect = null;
}
