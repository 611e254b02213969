/** Topics as an operator keeps them: made where missing, compared with what is wanted, mended where that is possible. */
import type { Admin, ConfigResourceTypes } from 'kafkajs';
import type { Logger } from 'pino';
import type { TopicSettings } from './topic.js';
import { administrator, makeTopics } from './transport.kafka.admin.js';
import { type KafkaSecurity, kafkaClient } from './transport.kafka.client.js';

export interface WantedTopic extends TopicSettings {
  readonly topic: string;
}

/** One setting that is not as wanted. */
export interface TopicDrift {
  /** `partitions`, `replication`, or by Kafka's name. */
  readonly setting: string;
  readonly wanted: string;
  readonly found: string;
  /** Why it cannot be mended here; null when it can. */
  readonly obstacle: string | null;
}

/** What is gone once a drift is mended: records that were to be kept longer, or a setting that somebody made; null for nothing. */
export function lostBy({ setting, wanted, found, obstacle }: TopicDrift): string | null {
  if (obstacle !== null) return null;
  if (wanted === DEFAULT) return `${setting}=${found} is taken back`;
  if (!setting.startsWith('retention.') || Number(wanted) < 0) return null;
  const shrinks = Number(found) < 0 || Number(found) > Number(wanted);
  return shrinks ? `records beyond ${setting}=${wanted} are deleted, which ${setting}=${found} keeps` : null;
}

export interface TopicState {
  readonly topic: string;
  readonly exists: boolean;
  readonly drift: readonly TopicDrift[];
}

export interface Topics {
  /** How each of them is, in the order given. */
  compare(wanted: readonly WantedTopic[]): Promise<TopicState[]>;
  /** Makes those that are missing, and sets what can be set of the others. Safe to repeat. */
  apply(wanted: readonly WantedTopic[]): Promise<void>;
}

export function openTopics(options: {
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
  readonly log: Logger;
}): Topics {
  const ask = administrator(kafkaClient({ ...options, answerWithinMs: 15_000 }));
  return {
    compare: (wanted) => ask((admin) => compare(admin, wanted)),
    apply: (wanted) =>
      ask(async (admin) => {
        const states = await compare(admin, wanted);
        const missing = wanted.filter((_, i) => !states[i]!.exists);
        if (missing.length > 0) await create(admin, missing);
        const drifted = wanted.flatMap((each, i) =>
          states[i]!.exists && states[i]!.drift.some(({ obstacle }) => obstacle === null)
            ? [{ ...each, config: attainable(each, states[i]!) }]
            : [],
        );
        if (drifted.length > 0) await mend(admin, await withThrottles(admin, drifted));
      }),
  };
}

/** Kafka's number for topics among what has settings; kafkajs's name for it cannot be imported by name from a module. */
const TOPIC = 2 satisfies ConfigResourceTypes.TOPIC;

const entriesOf = ({ config }: TopicSettings) => Object.entries(config).map(([name, value]) => ({ name, value }));

/** What is wanted, but for what must stay as it was found. */
const attainable = ({ config }: WantedTopic, { drift }: TopicState): Record<string, string> => {
  const stays = drift.filter(({ setting, obstacle }) => obstacle !== null && setting in config);
  return { ...config, ...Object.fromEntries(stays.map(({ setting, found }) => [setting, found])) };
};

const create = (admin: Admin, topics: readonly WantedTopic[]): Promise<unknown> =>
  makeTopics(
    admin,
    topics.map((wanted) => ({
      topic: wanted.topic,
      numPartitions: wanted.partitions,
      replicationFactor: wanted.replication,
      configEntries: entriesOf(wanted),
    })),
  );

/** How fast copies are moved just now: Kafka's own tools set these, and take them back. */
const THROTTLES = ['leader.replication.throttled.replicas', 'follower.replication.throttled.replicas'];

/** What is to be set, with the throttles that the topics have. */
async function withThrottles(admin: Admin, topics: readonly WantedTopic[]): Promise<WantedTopic[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(({ topic }) => ({ type: TOPIC, name: topic })),
  });
  return topics.map((each) => {
    const found = resources.find(({ resourceName }) => resourceName === each.topic)?.configEntries ?? [];
    const set = (found as Described['configEntries']).filter(
      ({ configName, configSource }) => configSource === OWN && THROTTLES.includes(configName),
    );
    const throttles = Object.fromEntries(set.map(({ configName, configValue }) => [configName, configValue]));
    return { ...each, config: { ...each.config, ...throttles } };
  });
}

/** Sets all of a topic's own settings at once; what is not among them goes back to the broker's default. */
const mend = (admin: Admin, topics: readonly WantedTopic[]): Promise<unknown> =>
  admin.alterConfigs({
    validateOnly: false,
    resources: topics.map((wanted) => ({
      type: TOPIC,
      name: wanted.topic,
      configEntries: entriesOf(wanted),
    })),
  });

async function compare(admin: Admin, wanted: readonly WantedTopic[]): Promise<TopicState[]> {
  const there = await admin.listTopics();
  const names = wanted.map(({ topic }) => topic).filter((topic) => there.includes(topic));
  if (names.length === 0) return wanted.map(({ topic }) => ({ topic, exists: false, drift: [] }));
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: TOPIC, name })),
  });
  return wanted.map((each) => {
    const metadata = topics.find(({ name }) => name === each.topic);
    const found = resources.find(({ resourceName }) => resourceName === each.topic);
    if (!metadata || !found) return { topic: each.topic, exists: false, drift: [] };
    const replicas = metadata.partitions.map((partition) => partition.replicas.length);
    const shape = { partitions: metadata.partitions.length, replication: Math.min(...replicas) };
    return {
      topic: each.topic,
      exists: true,
      drift: [...shapeDrift(each, shape), ...configDrift(each, found, shape.replication)],
    };
  });
}

function shapeDrift(wanted: WantedTopic, found: { partitions: number; replication: number }): TopicDrift[] {
  const obstacles = {
    partitions:
      found.partitions < wanted.partitions
        ? 'partitions could be added and must not: the events of a key would go to another one, out of order'
        : 'partitions cannot be taken away: copy the events into a new topic of the right number',
    replication: 'copies are moved by Kafka: kafka-reassign-partitions.sh',
  };
  return (['partitions', 'replication'] as const)
    .filter((setting) => found[setting] !== wanted[setting])
    .map((setting) => ({
      setting,
      wanted: String(wanted[setting]),
      found: String(found[setting]),
      obstacle: obstacles[setting],
    }));
}

/** Kafka's word for a setting that was made on the topic itself. */
const OWN = 1;
const DEFAULT = "the broker's default";

interface Described {
  readonly configEntries: readonly {
    readonly configName: string;
    readonly configValue: string;
    readonly configSource?: number;
  }[];
}

function configDrift({ config }: WantedTopic, { configEntries }: Described, copies: number): TopicDrift[] {
  const differing = Object.entries(config).flatMap(([setting, wanted]) => {
    const found = configEntries.find(({ configName }) => configName === setting)?.configValue ?? 'not known';
    const tooMany = setting === 'min.insync.replicas' && Number(wanted) > copies;
    const obstacle = tooMany ? 'give the topic more copies first, for nothing could be written to it' : null;
    return found === wanted ? [] : [{ setting, wanted, found, obstacle }];
  });
  const strange = configEntries
    .filter(
      ({ configName, configSource }) =>
        configSource === OWN && !(configName in config || THROTTLES.includes(configName)),
    )
    .map(({ configName, configValue }) => ({
      setting: configName,
      wanted: DEFAULT,
      found: configValue,
      obstacle: null,
    }));
  return [...differing, ...strange];
}
