/** Record batches of format 2, as a broker sends them, read at once. */
import type { LogRecord } from './transport.js';

/** Where the parts of a batch begin, in bytes; see `transport.kafka.batch.ts`. */
const LENGTH = 8;
const FORMAT = 16;
const ATTRIBUTES = 21;
const COUNT = 57;
const RECORDS = 61;
/** Compressed (the lowest three), of a transaction, or about one. */
const UNUSUAL = 0x37;

/**
 * The records of batches that follow each other, each with the first of its headers of one name, and without the last
 * batch where that was cut off. Their values are views of `set`.
 * @returns null when one of them is compressed, of a transaction or of an older format, as none of ours are
 */
export function decodeBatches(set: Buffer): LogRecord[] | null {
  const records: LogRecord[] = [];
  const page = new Page(set);
  for (let start = 0; start + RECORDS <= set.length; ) {
    const end = start + LENGTH + 4 + set.readInt32BE(start + LENGTH);
    if (set[start + FORMAT] !== 2 || (set.readInt16BE(start + ATTRIBUTES) & UNUSUAL) !== 0) return null;
    if (end > set.length) break;
    const first = Number(set.readBigInt64BE(start));
    page.at = start + RECORDS;
    for (let left = set.readInt32BE(start + COUNT); left > 0; left -= 1) records.push(page.record(first));
    start = end;
  }
  return records;
}

/** A text, and where it stands. */
interface Place {
  text: string;
  bytes: number;
  end: number;
}

/** What is read from one place to the next. A header is mostly that of the record before, and then the same text. */
class Page {
  at = 0;
  readonly #names: Place[] = [];
  readonly #values: Place[] = [];

  constructor(readonly bytes: Buffer) {}

  /** @param first the offset that its batch begins with */
  record(first: number): LogRecord {
    const end = this.number() + this.at;
    this.at += 1; // attributes, of which there are none
    while (this.bytes[this.at++]! > 0x7f); // how much later than the first
    const offset = first + this.number();
    const keyed = this.number();
    const key = keyed > 0 ? this.#text(keyed) : '';
    const length = this.number();
    const value = length < 0 ? new Uint8Array() : this.bytes.subarray(this.at, this.at + length);
    this.at += Math.max(0, length);
    const headers: Record<string, string> = {};
    const count = this.number();
    for (let i = 0; i < count; i += 1) {
      const name = this.#likeBefore(this.#names, i);
      const text = this.#likeBefore(this.#values, i);
      if (!Object.hasOwn(headers, name)) headers[name] = text;
    }
    this.at = end;
    return { offset, key, headers, value };
  }

  /** To the base of 128, the lowest digit first; doubled for its sign. */
  number(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    let number = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = bytes[this.at++]!;
      number |= (byte & 0x7f) << shift;
    }
    return (number >>> 1) ^ -(number & 1);
  }

  #text(length: number): string {
    const start = this.at;
    this.at += length;
    return this.bytes.toString('utf8', start, this.at);
  }

  #likeBefore(places: Place[], i: number): string {
    const length = this.number();
    if (length <= 0) return '';
    const before = places[i];
    if (before && before.bytes === length && this.#same(before.end, this.at + length, length)) {
      this.at += length;
      return before.text;
    }
    const text = this.#text(length);
    places[i] = { text, bytes: length, end: this.at };
    return text;
  }

  /** From the end, for what differs differs there: numbers, times, ids that begin with a time. */
  #same(a: number, b: number, length: number): boolean {
    const { bytes } = this;
    for (let i = 1; i <= length; i += 1) if (bytes[a - i] !== bytes[b - i]) return false;
    return true;
  }
}
