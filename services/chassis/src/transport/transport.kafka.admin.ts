/** Questions to Kafka about topics and groups. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ITopicConfig, Kafka } from 'kafkajs';
import { backoff } from '../pause.js';
import { topicSettings } from './topic.js';
import type { PartitionLag, Watermarks } from './transport.js';
import { explained } from './transport.kafka.trouble.js';

export type Ask = <R>(question: (admin: Admin) => Promise<R>) => Promise<R>;

/**
 * A connection for each question. They are few, and one that is kept cannot safely be given up after a failure: what
 * else is under way on it connects again by itself, and nobody closes that.
 */
export const administrator =
  (kafka: Kafka): Ask =>
  async (question) => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await question(admin);
    } catch (error) {
      throw explained(error);
    } finally {
      // Not waited for: where the broker says nothing, the end of a connection is not heard of either.
      admin.disconnect().catch(() => undefined);
    }
  };

/** Names the cluster: another one starts its offsets anew. */
export const clusterIdOf = async (admin: Admin): Promise<string> => (await admin.describeCluster()).clusterId;

export async function watermarksOf(admin: Admin, topic: string, partition: number): Promise<Watermarks> {
  const found = (await admin.fetchTopicOffsets(topic)).find((each) => each.partition === partition);
  if (!found) throw new Error(`${topic} has no partition ${partition}.`);
  return { low: Number(found.low), high: Number(found.high) };
}

/** One question after the other, see above. */
export async function lagOf(admin: Admin, group: string, topics: readonly string[]): Promise<PartitionLag[]> {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  const lags: PartitionLag[] = [];
  for (const topic of topics) {
    const read = committed.find((each) => each.topic === topic)?.partitions ?? [];
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      // −1 stands for none committed; one below the log's beginning goes on from there.
      const at = Number(read.find((each) => each.partition === partition)?.offset ?? -1);
      lags.push({ topic, partition, lag: Math.max(0, Number(high) - Math.max(at, Number(low))), end: Number(high) });
    }
  }
  return lags;
}

/** Makes topics, and waits until they are known, which brokers take a moment longer for. */
export async function makeTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  // kafkajs's own waiting gives up when the broker has not heard of a topic at all.
  await admin.createTopics({ topics, waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await admin.fetchTopicMetadata({ topics: names });
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await sleep(backoff(attempt, 500));
    }
  }
}

/**
 * How many partitions each topic has, made where missing.
 * @param create false where only an operator makes topics
 * @throws when one is missing that is not to be made here
 */
export async function findTopics(
  admin: Admin,
  topics: readonly string[],
  create: boolean,
): Promise<[string, number][]> {
  const there = await admin.listTopics();
  const missing = topics.filter((topic) => !there.includes(topic));
  if (missing.length > 0 && !create) {
    throw new Error(
      `Kafka has no topic ${missing.join(', ')}, and services make none (KAFKA_CREATE_TOPICS=false): run npm run merit -- events topics --apply.`,
    );
  }
  if (missing.length > 0) {
    const { partitions, replication, config } = topicSettings((await admin.describeCluster()).brokers.length);
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const settings = { numPartitions: partitions, replicationFactor: replication, configEntries };
    await makeTopics(
      admin,
      missing.map((topic) => ({ topic, ...settings })),
    );
  }
  const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
  return found.map(({ name, partitions }) => [name, partitions.length]);
}
