/** What both transports must agree on: which partition a key has, and how large a record may be. */
import { DomainError } from '../errors.js';
import type { EventRecord } from './transport.js';

/** How many partitions a topic is made with. */
export const PARTITIONS = 6;

/** Key, headers and value together. Kafka takes batches of 1,048,588 bytes unless told otherwise; this leaves room for its framing. */
export const MAX_RECORD_BYTES = 1_000_000;

/** The most that an event's own content may have; its envelope takes the rest, which no header that we write comes near. */
export const MAX_EVENT_BYTES = MAX_RECORD_BYTES - 10_000;

function sizeOf({ key, headers, value }: EventRecord): number {
  let bytes = Buffer.byteLength(key) + value.byteLength;
  for (const name in headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name]!);
  return bytes;
}

/** A character has at most three bytes in UTF-8, so most records need not be measured to be known as small enough. */
function isSmall({ key, headers, value }: EventRecord): boolean {
  let characters = key.length;
  for (const name in headers) characters += name.length + headers[name]!.length;
  return 3 * characters + value.byteLength <= MAX_RECORD_BYTES;
}

/** @throws DomainError EVENT_TOO_LARGE for the first record that is too large: it would never be taken, however often it is tried */
export function refuseLarge(records: readonly EventRecord[]): void {
  for (const record of records) {
    if (isSmall(record)) continue;
    const bytes = sizeOf(record);
    if (bytes <= MAX_RECORD_BYTES) continue;
    throw new DomainError(
      'EVENT_TOO_LARGE',
      `The event has ${bytes} bytes and may have ${MAX_RECORD_BYTES}: keep large content elsewhere and send where it is.`,
      { bytes, max: MAX_RECORD_BYTES, id: record.headers['ce_id'], type: record.headers['ce_type'] },
    );
  }
}

/**
 * The partition of a key among so many: Kafka's own choice (murmur2, as its Java client and kafkajs compute it), so that
 * a deployment that moves from one transport to the other keeps its keys together.
 */
export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;

const M = 0x5bd1e995;

function murmur2(data: Buffer): number {
  const whole = data.length & ~3;
  let h = 0x9747b28c ^ data.length;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(data.readInt32LE(i), M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  const rest = data.subarray(whole);
  for (const [i, byte] of rest.entries()) h ^= byte << (8 * i);
  if (rest.length > 0) h = Math.imul(h, M);
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}
