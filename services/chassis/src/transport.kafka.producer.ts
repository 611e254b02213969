/** Records onto Kafka, durable when it answers. */
import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { DomainError } from './errors.js';
import { within } from './pause.js';
import type { EventRecord } from './transport.js';
import { explained } from './transport.kafka.trouble.js';

/** How long a leader may wait for its copies: longer than it takes to count a silent one out (9 s by Kafka's own settings). */
const COPIED_WITHIN_MS = 10_000;
/** How long any answer to the producer may take. */
export const PRODUCED_WITHIN_MS = 12_000;
/** kafkajs has no deadline of its own, and a send that hangs would hold the relay for good. */
const SEND_DEADLINE_MS = 20_000;

export interface KafkaProducer {
  /** @throws DomainError EVENT_REFUSED: the broker will never take one of the records */
  send(topic: string, records: readonly EventRecord[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * A producer that is thrown away after any failure. kafkajs takes a failed send's sequence numbers back, although the
 * broker may have written it: with the same producer id, the broker could take the next batch for a repetition and drop
 * it, or answer OUT_OF_ORDER_SEQUENCE_NUMBER or UNKNOWN_PRODUCER_ID for ever. A new one may write records twice, which
 * readers skip.
 */
export function producing(kafka: Kafka): KafkaProducer {
  let current: Promise<Producer> | undefined;
  const connect = async () => {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      // A leader that moves takes a second or two; the same producer may wait for that, without repeating itself.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
    });
    await producer.connect();
    return producer;
  };
  const drop = (it: Promise<Producer> | undefined) => {
    if (current === it) current = undefined;
    return it?.then((producer) => producer.disconnect()).catch(() => undefined);
  };
  return {
    async send(topic, records) {
      current ??= connect();
      const mine = current;
      const messages = records.map(({ key, headers, value, partition }) => ({
        key,
        headers: { ...headers },
        value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
        ...(partition === undefined ? {} : { partition }),
      }));
      try {
        const sending = mine.then((producer) =>
          producer.send({ topic, messages, acks: -1, timeout: COPIED_WITHIN_MS }),
        );
        await within(SEND_DEADLINE_MS, sending);
      } catch (error) {
        void drop(mine);
        throw refusalOf(error) ?? explained(error);
      }
    },
    close: async () => void (await drop(current)),
  };
}

const REFUSALS = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
];

/** What the broker will say of the same records every time. */
function refusalOf(error: unknown): DomainError | null {
  const { type, cause, message } = error as { type?: string; cause?: unknown; message?: string };
  if (type && REFUSALS.includes(type))
    return new DomainError('EVENT_REFUSED', `Kafka refuses it: ${message}`, { type });
  return cause ? refusalOf(cause) : null;
}
