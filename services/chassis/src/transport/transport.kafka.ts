/** Events through Kafka. Only the files named after this one speak to kafkajs. */
import type { Logger } from 'pino';
import { within } from '../pause.js';
import { refuseLarge } from './record.js';
import type { EventTransport, GroupSubscription } from './transport.js';
import { administrator, clusterIdOf, findTopics, lagOf, watermarksOf } from './transport.kafka.admin.js';
import { type KafkaSecurity, kafkaClient } from './transport.kafka.client.js';
import { join } from './transport.kafka.member.js';
import { PRODUCED_WITHIN_MS, producing } from './transport.kafka.producer.js';
import { reader } from './transport.kafka.reader.js';

export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly security?: KafkaSecurity;
  /** Whether a topic that is missing is made at first use. True unless told. */
  readonly createTopics?: boolean;
  readonly log: Logger;
}

/** How long a broker may take to answer a reader or a question: longer, and it is taken for dead. */
const ANSWERED_WITHIN_MS = 6_000;

/** Connects at first use, so that a service starts before its brokers do. */
export function openKafka({ brokers, security = {}, createTopics = true, log }: KafkaOptions): EventTransport {
  const client = { brokers, security, log };
  const ask = administrator(kafkaClient({ ...client, answerWithinMs: ANSWERED_WITHIN_MS }));
  const producer = producing(kafkaClient({ ...client, answerWithinMs: PRODUCED_WITHIN_MS }));
  const partitions = new Map<string, number>();
  const groups = new Set<GroupSubscription>();

  const findAll = async (topics: readonly string[]) => {
    for (const [topic, count] of await ask((admin) => findTopics(admin, topics, createTopics))) {
      partitions.set(topic, count);
    }
  };
  const ensureTopics = async (topics: readonly string[]) => {
    const unknown = topics.filter((topic) => !partitions.has(topic));
    if (unknown.length > 0) await findAll(unknown);
    return new Map(topics.map((topic) => [topic, partitions.get(topic)!]));
  };

  return {
    ensureTopics,

    async publish(topic, records) {
      refuseLarge(records);
      const count = (await ensureTopics([topic])).get(topic)!;
      try {
        await producer.send(topic, records, count);
      } catch (error) {
        partitions.delete(topic); // should it have been removed, the next attempt makes it again
        throw error;
      }
    },

    async subscribe(group, topics, onChunk) {
      const member = await join({
        client: (onConnection) => kafkaClient({ ...client, answerWithinMs: ANSWERED_WITHIN_MS, onConnection }),
        group,
        topics,
        prepare: () => findAll(topics),
        read: reader({
          clusterId: () => ask(clusterIdOf),
          watermarks: (topic, partition) => ask((admin) => watermarksOf(admin, topic, partition)),
          onChunk,
          log,
        }),
        log,
      });
      groups.add(member);
      return { ready: member.ready, stop: () => member.stop().finally(() => groups.delete(member)) };
    },

    lag: (group, topics) => ask((admin) => lagOf(admin, group, topics)),

    async close(deadlineMs) {
      const stopped = Promise.allSettled([...groups].map((member) => member.stop()));
      const closed = stopped.then(() => producer.close());
      await within(deadlineMs, closed).catch(() => log.warn('Kafka connections did not close in time'));
    },
  };
}
