/** Fetched records, read by us where kafkajs would do it. */
import type { LogRecord } from './transport.js';
import { Decoder, fetchRequests } from './transport.kafka.inside.js';
import { decodeBatches } from './transport.kafka.unbatch.js';

/** The version of Fetch that kafkajs speaks with every broker of Kafka 2.3 and later; the others it reads itself. */
const VERSION = 11;

let ours = false;

/**
 * From now on, what consumers of kafkajs in this process fetch are log records instead of its messages; what is unusual,
 * see `decodeBatches`, are its messages still. For readers of Merit, and so not before there is one: others in the
 * process may use kafkajs as it comes.
 */
export function readBatches(): void {
  if (ours) return;
  ours = true;
  const { protocol } = fetchRequests;
  fetchRequests.protocol = (at) => {
    const exchangeOf = protocol(at);
    if (at.version !== VERSION) return exchangeOf;
    return (asked) => {
      const exchange = exchangeOf(asked);
      const decode = async (answer: Buffer) => fetchedOf(answer) ?? (await exchange.response.decode(answer));
      return { ...exchange, response: { ...exchange.response, decode } };
    };
  };
}

/** An answer to Fetch, as kafkajs's own `decode` gives it but for the records; null where they are unusual. */
function fetchedOf(answer: Buffer): object | null {
  const from = new Decoder(answer);
  const clientSideThrottleTime = from.readInt32();
  const errorCode = from.readInt16();
  const sessionId = from.readInt32();
  let usual = true;
  const recordsOf = (set: Buffer | null): LogRecord[] => {
    const records = set ? decodeBatches(set) : [];
    usual &&= records !== null;
    return records ?? [];
  };
  const responses = from.readArray(() => ({
    topicName: from.readString(),
    partitions: from.readArray(() => ({
      partition: from.readInt32(),
      errorCode: from.readInt16(),
      highWatermark: from.readInt64().toString(),
      lastStableOffset: from.readInt64().toString(),
      lastStartOffset: from.readInt64().toString(),
      abortedTransactions: from.readArray(() => {
        usual = false;
        return [from.readInt64(), from.readInt64()];
      }),
      preferredReadReplica: from.readInt32(),
      messages: recordsOf(from.readBytes()),
    })),
  }));
  // kafkajs waits for as long as a broker says it should; the broker waits itself, and means those that do not.
  return usual ? { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses } : null;
}
