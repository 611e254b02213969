/** What is done with a batch that Kafka's client has fetched. */
import type { Logger } from 'pino';
import { backoff } from '../pause.js';
import type { ChunkHandler, LogRecord, Watermarks } from './transport.js';

/** Records that are handed over at once, of the million bytes at most that are fetched of a partition. */
const CHUNK = 500;
/** How often a member says that it lives; a third of a session at most. */
export const HEARTBEAT_MS = 2_000;

/** As kafkajs reads it itself. */
interface Message {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly value: Buffer | null;
}
type Header = Buffer | string | (Buffer | string)[] | undefined;

/** As kafkajs hands it to `eachBatch`. */
interface Fetched {
  readonly batch: {
    readonly topic: string;
    readonly partition: number;
    readonly messages: readonly (Message | LogRecord)[];
  };
  resolveOffset(offset: string): void;
  heartbeat(): Promise<void>;
  /** Answers how to resume. */
  pause(): () => void;
  isRunning(): boolean;
  isStale(): boolean;
}
type Seek = (place: { topic: string; partition: number; offset: string }) => void;
export type Reader = (fetched: Fetched, seek: Seek, assignment: number) => Promise<void>;

export interface Reading {
  /** Asked once for each assignment. */
  readonly clusterId: () => Promise<string>;
  readonly watermarks: (topic: string, partition: number) => Promise<Watermarks>;
  readonly onChunk: ChunkHandler;
  readonly log: Logger;
}

/**
 * Hands a fetched batch over in chunks. No error of a handler leaves it: one that is no error of kafkajs, or says of
 * itself that a retry is useless, would stop the consumer for good. Nor does it wait here: kafkajs waits for every
 * partition's handler before it fetches again, so the partition is paused instead. What does leave it is kafkajs's own
 * news from `heartbeat`, such as a rebalance.
 */
export function reader({ clusterId, watermarks, onChunk, log }: Reading): Reader {
  const failures = new Map<string, number>();
  const identify = once(clusterId);
  return async ({ batch, resolveOffset, heartbeat, pause, isRunning, isStale }, seek, assignment) => {
    const { topic, partition } = batch;
    const name = `${topic}/${partition}`;
    for (const records of chunksOf(batch.messages)) {
      if (!isRunning() || isStale()) return;
      // A long chunk must not cost the membership.
      const beating = setInterval(() => heartbeat().catch(() => undefined), HEARTBEAT_MS);
      try {
        const next = await onChunk({
          clusterId: await identify(assignment),
          topic,
          partition,
          records,
          assignment,
          watermarks: () => watermarks(topic, partition),
        });
        failures.delete(name);
        const last = records.at(-1)!.offset;
        if (next !== last + 1) return seek({ topic, partition, offset: String(next) });
        resolveOffset(String(last));
      } catch (err) {
        const count = failures.get(name) ?? 0;
        failures.set(name, count + 1);
        log.warn({ err, topic, partition, failures: count + 1 }, 'events could not be applied, trying again');
        setTimeout(pause(), backoff(count)).unref();
        return;
      } finally {
        clearInterval(beating);
      }
      await heartbeat();
    }
  };
}

/** What was answered for an assignment, for as long as that is the last; asked again when it failed. */
function once(ask: () => Promise<string>): (assignment: number) => Promise<string> {
  let known: { readonly assignment: number; readonly answer: string } | undefined;
  return async (assignment) => {
    if (known?.assignment !== assignment) known = { assignment, answer: await ask() };
    return known.answer;
  };
}

/** One after the other, so that only a chunk of them is there twice. */
function* chunksOf(messages: readonly (Message | LogRecord)[]): Generator<LogRecord[]> {
  for (let n = 0; n < messages.length; n += CHUNK) yield messages.slice(n, n + CHUNK).map(recordOf);
}

const textOf = (value: Header): string => (Array.isArray(value) ? textOf(value[0]) : (value?.toString() ?? ''));

function recordOf(message: Message | LogRecord): LogRecord {
  if (isRecord(message)) return message;
  const { offset, key, headers, value } = message;
  const texts: Record<string, string> = {};
  for (const name in headers) texts[name] = textOf(headers[name]);
  return { offset: Number(offset), key: key?.toString() ?? '', headers: texts, value: value ?? new Uint8Array() };
}

const isRecord = (message: Message | LogRecord): message is LogRecord => typeof message.offset === 'number';
