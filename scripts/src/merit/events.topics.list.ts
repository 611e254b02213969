/** The topics of Merit, with everything that is set of them. */
import { ACCESS_TOPIC, REQUESTS_TOPIC } from '@merit/chassis/transport/envelope';
import { topicSettings } from '@merit/chassis/transport/topic';
import type { WantedTopic } from '@merit/chassis/transport/transport.kafka.topics';

/** One for each publishing service, one for what services ask of each other, one for who read of whom. */
const NAMES = [
  'merit.personnel.v1',
  'merit.performance.v1',
  'merit.competency.v1',
  'merit.feedback.v1',
  REQUESTS_TOPIC,
  ACCESS_TOPIC,
] as const;

/** @param brokers how many there are to hold copies: three make three copies, of which two must be written */
export const wantedTopics = (brokers: number): WantedTopic[] =>
  NAMES.map((topic) => ({ topic, ...topicSettings(brokers) }));
