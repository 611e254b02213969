/** How a topic is made, wherever it is made: at first use, or by an operator before. */
import { PARTITIONS } from './record.js';

export interface TopicSettings {
  /** Fixed for good: with another number, the events of a key would go to another partition. */
  readonly partitions: number;
  readonly replication: number;
  /** By the names that Kafka gives them. */
  readonly config: Readonly<Record<string, string>>;
}

/** As long as an outbox keeps what it published, so that a reader that was away for so long has not lost its place. */
const RETENTION_DAYS = 14;

/** Three copies, of which two must have a record before it counts as written, where there are three brokers. */
export function topicSettings(brokers: number): TopicSettings {
  const replication = Math.max(1, Math.min(3, brokers));
  return {
    partitions: PARTITIONS,
    replication,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(RETENTION_DAYS * 24 * 3_600_000),
      'retention.bytes': '-1',
      'min.insync.replicas': String(Math.max(1, replication - 1)),
      // A replica that is behind never leads: what two had written would be gone.
      'unclean.leader.election.enable': 'false',
      // Of a batch; a record has a million bytes at most, the rest is for its framing.
      'max.message.bytes': '1048588',
    },
  };
}
