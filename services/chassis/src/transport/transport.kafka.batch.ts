/** Records as Kafka keeps them: record batches of format 2, each written at once. */
import type { EventRecord } from './transport.js';
import { crc32c } from './transport.kafka.inside.js';

/** What stands before the records of a batch; its checksum is of everything from here on. */
const HEAD = 61;
const CHECKED = 21;

/** Batches are written here, and copied out in the size that they have. It grows with the largest, and stays. */
let page = Buffer.allocUnsafeSlow(1 << 16);

/**
 * Batches of these records, in their order. They are of no transaction, no idempotent producer and not compressed: byte
 * by byte what kafkajs makes of them in ten times the time, for it takes half a kilobyte of memory for each header.
 * @param at when they are sent; milliseconds
 * @param most how many bytes a batch may have; a single larger record is a batch of its own
 */
export function encodeBatches(records: readonly EventRecord[], at: number, most: number): Buffer[] {
  const batches: Buffer[] = [];
  let count = 0;
  let end = HEAD;
  for (const record of records) {
    reserve(end, mostOf(record));
    let next = putRecord(record, count, end);
    if (next > most && count > 0) {
      batches.push(finish(count, end, at));
      count = 0;
      next = putRecord(record, count, HEAD);
    }
    count += 1;
    end = next;
  }
  if (count > 0) batches.push(finish(count, end, at));
  return batches;
}

/** Writes what stands before the records. */
function finish(count: number, end: number, at: number): Buffer {
  page.writeBigInt64BE(0n, 0); // the first record's offset: the broker gives it
  page.writeInt32BE(end - 12, 8); // how many bytes follow
  page.writeInt32BE(0, 12); // the leader's epoch: the broker's
  page.writeInt8(2, 16); // the format
  page.writeInt16BE(0, CHECKED); // not compressed, of no transaction, with the time of sending
  page.writeInt32BE(count - 1, 23); // the last record's number
  page.writeBigInt64BE(BigInt(at), 27); // the first record's time
  page.writeBigInt64BE(BigInt(at), 35); // the last record's
  page.writeBigInt64BE(-1n, 43); // no producer that counts,
  page.writeInt16BE(0, 51); // its epoch
  page.writeInt32BE(0, 53); // and its number of the first record
  page.writeInt32BE(count, 57);
  page.writeUInt32BE(crc32c(page.subarray(CHECKED, end)), 17);
  return Buffer.from(page.subarray(0, end));
}

/** As many bytes as a record can take: a character has at most three in UTF-8, and a length five. */
function mostOf({ key, headers, value }: EventRecord): number {
  let bytes = 32 + 3 * key.length + value.byteLength;
  for (const name in headers) bytes += 10 + 3 * (name.length + headers[name]!.length);
  return bytes;
}

/** Makes room behind what is written. */
function reserve(written: number, bytes: number): void {
  if (written + bytes <= page.length) return;
  const larger = Buffer.allocUnsafeSlow(2 * (written + bytes));
  page.copy(larger, 0, 0, written);
  page = larger;
}

/** Bytes of a record's length, when it has 64 to 8,191 as nearly all do. One of another length is moved. */
const USUAL = 2;

/** @returns where it ends, as all of these do */
function putRecord({ key, headers, value }: EventRecord, number: number, start: number): number {
  const from = start + USUAL;
  let at = from;
  page[at++] = 0; // no attributes
  page[at++] = 0; // no later than the first
  at = putNumber(number, at);
  at = putText(key, at);
  at = putNumber(value.byteLength, at);
  page.set(value, at);
  at += value.byteLength;
  const names = Object.keys(headers);
  at = putNumber(names.length, at);
  for (const name of names) at = putText(headers[name]!, putText(name, at));

  const bytes = at - from;
  const behind = start + lengthOf(bytes);
  if (behind !== from) page.copyWithin(behind, from, at);
  putNumber(bytes, start);
  return behind + bytes;
}

/** Its length, then itself in UTF-8. Most are short and of ASCII, and done sooner here than in a call of Node's. */
function putText(text: string, start: number): number {
  const { length } = text;
  if (length > 64) return putLongText(text, start);
  const to = page;
  let at = putNumber(length, start);
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return putLongText(text, start);
    to[at++] = code;
  }
  return at;
}

function putLongText(text: string, start: number): number {
  const bytes = Buffer.byteLength(text);
  const at = putNumber(bytes, start);
  return at + page.write(text, at, bytes);
}

/** A number from 0 up, doubled for its sign, to the base of 128, the lowest digit first. */
function putNumber(number: number, start: number): number {
  let at = start;
  let rest = 2 * number;
  for (; rest > 0x7f; rest >>>= 7) page[at++] = (rest & 0x7f) | 0x80;
  page[at++] = rest;
  return at;
}

/** How many bytes `putNumber` writes. */
function lengthOf(number: number): number {
  let bytes = 1;
  for (let rest = 2 * number; rest > 0x7f; rest >>>= 7) bytes += 1;
  return bytes;
}
