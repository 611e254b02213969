/** The topics of Merit, with everything that is set of them. */
import { REQUESTS_TOPIC } from '@merit/chassis/envelope';
import { topicSettings } from '@merit/chassis/topic';
import type { WantedTopic } from '@merit/chassis/transport.kafka.topics';

/** One for each publishing service, and one for what services ask of each other. */
const NAMES = [
  'merit.personnel.v1',
  'merit.performance.v1',
  'merit.competency.v1',
  'merit.feedback.v1',
  REQUESTS_TOPIC,
] as const;

/** @param brokers how many there are to hold copies: three make three copies, of which two must be written */
export const wantedTopics = (brokers: number): WantedTopic[] =>
  NAMES.map((topic) => ({ topic, ...topicSettings(brokers) }));
