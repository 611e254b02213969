/**
 * What of kafkajs is not for others, and is used all the same: it writes and reads records slowly, and is not kept up any
 * more. One version of it is known well enough for that.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const KNOWN = '2.2.4';

/** @throws when it is another version than the one that is known */
export function expectKnown(version: string): void {
  if (version === KNOWN) return;
  throw new Error(
    `kafkajs is ${version}, and transport.kafka.produce.ts and transport.kafka.fetch.ts were written for the inside of ${KNOWN}: see that their tests pass with it, then name it in transport.kafka.inside.ts.`,
  );
}
expectKnown(require('kafkajs/package.json').version);

/** How requests of one kind are made and their answers read. kafkajs looks `protocol` up for each request. */
interface Requests<Asked extends object> {
  protocol(at: { readonly version: number }): (asked: Asked) => {
    readonly request: { readonly encode: () => Promise<Encoded> };
    readonly response: { readonly decode: (answer: Buffer) => Promise<object> };
  };
}
/** As kafkajs's own, which other parts of it write into theirs. */
interface Encoded {
  readonly buffer: Buffer;
}
interface Encoder extends Encoded {
  writeString(text: string | null): Encoder;
  writeInt16(number: number): Encoder;
  writeInt32(number: number): Encoder;
  /** With their length before them. */
  writeBytes(bytes: Buffer): Encoder;
}
interface Decoder {
  readString(): string | null;
  readInt16(): number;
  readInt32(): number;
  readInt64(): bigint;
  /** By the length before them; null where that is −1. */
  readBytes(): Buffer | null;
  readArray<T>(read: () => T): T[];
}

/** What its producer asks a broker to write. */
export interface Produce {
  readonly acks: number;
  readonly timeout: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly { value: unknown }[] }[];
  }[];
}

export const produceRequests: Requests<Produce> = require('kafkajs/src/protocol/requests/produce');
export const fetchRequests: Requests<object> = require('kafkajs/src/protocol/requests/fetch');
export const Encoder: new (bytes: number) => Encoder = require('kafkajs/src/protocol/encoder');
export const Decoder: new (bytes: Buffer) => Decoder = require('kafkajs/src/protocol/decoder');
/** The checksum of record batches, of 32 bits and unsigned. */
export const crc32c: (bytes: Buffer) => number = require('kafkajs/src/protocol/recordBatch/crc32C');
