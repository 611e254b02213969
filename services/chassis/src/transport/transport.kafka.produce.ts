/** Batches that are encoded already, through a producer of kafkajs that would encode them itself. */
import type { Message } from 'kafkajs';
import { Encoder, type Produce, produceRequests } from './transport.kafka.inside.js';

class Batch {
  constructor(readonly bytes: Buffer) {}
}

/**
 * A batch as the only message of a `send` to one partition. It is no value that kafkajs could encode: where it is not
 * known as a batch, the send fails, and writes nothing else in its place.
 */
export const messageOf = (partition: number, bytes: Buffer): Message => ({
  partition,
  value: new Batch(bytes) as unknown as Buffer,
});

const { protocol } = produceRequests;
/** All requests but those of our batches are left as they are: others in the process may use kafkajs as it comes. */
produceRequests.protocol = (at) => {
  const exchangeOf = protocol(at);
  return (asked) => {
    const exchange = exchangeOf(asked);
    const body = bodyOf(asked);
    return body ? { ...exchange, request: { ...exchange.request, encode: async () => body } } : exchange;
  };
};

/** A request to write a batch, in the form of versions 3 to 8; null where it is not a batch that is to be written. */
function bodyOf({ acks, timeout, topicData }: Produce) {
  const to = only(topicData);
  const at = only(to?.partitions);
  const batch = only(at?.messages)?.value;
  if (!to || !at || !(batch instanceof Batch)) return null;
  return new Encoder(batch.bytes.length + 3 * to.topic.length + 32)
    .writeString(null) // of no transaction
    .writeInt16(acks)
    .writeInt32(timeout)
    .writeInt32(1)
    .writeString(to.topic)
    .writeInt32(1)
    .writeInt32(at.partition)
    .writeBytes(batch.bytes);
}

const only = <T>(all: readonly T[] = []): T | undefined => (all.length === 1 ? all[0] : undefined);
