/** The AsyncAPI 3 document of everything that Merit's services say to each other. */
import {
  ACCESS_TOPIC,
  HEARTBEAT,
  REQUESTS_TOPIC,
  SNAPSHOT,
  SNAPSHOT_ENDED,
  sharedTopicOf,
} from '@merit/chassis/transport/envelope';
import { HEADERS, type Header, type Presence } from '@merit/chassis/transport/envelope.headers';
import { PARTITIONS } from '@merit/chassis/transport/record';
import { SERVICES, type Service } from '../start.plan.js';
import type { Contract, Event } from './contracts.js';
import type { Reading } from './readers.js';
import { type Schema, schemasOf } from './schema.js';

/** What each publisher says beside its own contract, and what one asks of another. */
const HOUSE = 'merit.events.v1';

interface Channel {
  readonly topic: string;
  readonly says: string;
  readonly publishers: readonly Service[];
  /** Full names of the messages on it. */
  readonly types: readonly string[];
}

const channelRef = (topic: string) => ({ $ref: `#/channels/${topic}` });
const onChannel = (topic: string, type: string) => ({ $ref: `#/channels/${topic}/messages/${type}` });

export function documentOf(
  contracts: readonly Contract[],
  readings: readonly Reading[],
  version: string,
): Record<string, unknown> {
  const events = contracts.flatMap((contract) => contract.events);
  const channels = channelsOf(contracts);
  refuseUnknown(readings, channels);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Merit: the events',
      version,
      license: { name: 'Apache-2.0' },
      description: INTRODUCTION,
    },
    defaultContentType: 'application/protobuf',
    channels: Object.fromEntries(
      channels.map(({ topic, says, types }) => [
        topic,
        {
          address: topic,
          title: topic,
          description: says,
          messages: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
          bindings: { kafka: { partitions: PARTITIONS } },
        },
      ]),
    ),
    operations: Object.fromEntries([
      ...channels.flatMap(({ topic, publishers, types }) =>
        publishers.map((service) => operation(service, 'send', 'publishes', topic, types)),
      ),
      ...readings.map(({ reader, topic, types }) => {
        const all = channels.find((channel) => channel.topic === topic)!.types;
        const read = types === null ? all : [...types, ...all.filter(isOfAnyone)];
        return operation(reader, 'receive', 'reads', topic, read);
      }),
    ]),
    components: {
      messages: Object.fromEntries([...events.map(messageOf), [HEARTBEAT, heartbeat]]),
      schemas: {
        ...Object.fromEntries(schemasOf(events.map(({ message }) => message))),
        EventHeaders: headersOf(['record', 'message', 'event']),
        MessageHeaders: headersOf(['record', 'message']),
        HeartbeatHeaders: headersOf(['record']),
      },
    },
  };
}

const INTRODUCTION = [
  'What the services of Merit say to each other, made from the contracts in `proto/` and from the services themselves.',
  'Records are CloudEvents 1.0 in the binary mode of Kafka: attributes in headers, the protobuf message as the value. ' +
    'The schemas show a message as protobuf maps it to JSON; `x-protobuf-number` is what the wire carries.',
  'Events of one aggregate come in the order of `ce_sequence`; between aggregates there is no order. ' +
    'An event may come more than once. How contracts change is said in `docs/contracts.md`.',
].join('\n\n');

function channelsOf(contracts: readonly Contract[]): Channel[] {
  const house = contracts.find(({ name }) => name === HOUSE)?.events ?? [];
  const requests = house.filter(({ message }) => sharedTopicOf({ type: message.typeName }) === REQUESTS_TOPIC);
  const own = contracts
    .filter(({ name }) => name !== HOUSE)
    .map(({ name, says, events }): Channel => {
      const shared = events.map(({ message }) => message.typeName);
      if (name === ACCESS_TOPIC) return { topic: name, says, publishers: SERVICES, types: shared };
      const service = SERVICES.find((each) => name === `merit.${each}.v1`);
      if (!service) throw new Error(`${name} is the contract of no service.`);
      const types = [...events.map(({ message }) => message.typeName), SNAPSHOT, SNAPSHOT_ENDED, HEARTBEAT];
      return { topic: name, says, publishers: [service], types };
    });
  const says = 'What one service asks of another: its events once more, or where all its aggregates stand.';
  const types = requests.map(({ message }) => message.typeName);
  return [...own, { topic: REQUESTS_TOPIC, says, publishers: SERVICES, types }];
}

/** What every consumer takes in of a topic, whatever else it wants: where aggregates stand, and how fresh that is. */
const isOfAnyone = (type: string): boolean => [SNAPSHOT, SNAPSHOT_ENDED, HEARTBEAT].includes(type);

/** A subscription to what nobody publishes would wait in silence for ever. */
function refuseUnknown(readings: readonly Reading[], channels: readonly Channel[]): void {
  for (const { reader, topic, types } of readings) {
    const published = channels.find((channel) => channel.topic === topic)?.types;
    const missing = published ? types?.filter((type) => !published.includes(type)) : ['anything'];
    if (missing?.length) throw new Error(`${reader} reads from ${topic} what nobody publishes: ${missing}`);
  }
}

const operation = (who: Reading['reader'], action: string, verb: string, topic: string, types: readonly string[]) => [
  `${who}-${verb}-${topic}`,
  {
    action,
    title: `${who} ${verb} ${topic}`,
    channel: channelRef(topic),
    messages: types.map((type) => onChannel(topic, type)),
    tags: [{ name: who }],
    // Each process of the gateway has a group of its own: it has to hear everything.
    ...(action === 'receive' && who !== 'gateway'
      ? { bindings: { kafka: { groupId: { type: 'string', enum: [who] } } } }
      : {}),
  },
];

function messageOf({ message, says, aggregate, key }: Event): [string, object] {
  const { typeName, name } = message;
  const ended = typeName === SNAPSHOT_ENDED;
  return [
    typeName,
    {
      name: typeName,
      title: name,
      summary: says,
      ...(message.deprecated ? { tags: [{ name: 'deprecated' }] } : {}),
      headers: { $ref: `#/components/schemas/${ended ? 'MessageHeaders' : 'EventHeaders'}` },
      payload: { $ref: `#/components/schemas/${typeName}` },
      bindings: { kafka: { key: { type: 'string', description: keySays(key, ended) } } },
      ...(aggregate ? { 'x-aggregate': aggregate } : {}),
      ...(key ? { 'x-key': key } : {}),
    },
  ];
}

const keySays = (key: string | null, ended: boolean): string => {
  if (key) return `The id of the ${key.replace('_id', '')}.`;
  return ended ? 'The source; one on each partition.' : 'The key of the aggregate.';
};

const heartbeat = {
  name: HEARTBEAT,
  title: 'Heartbeat',
  summary:
    'On each partition, while its publisher has nothing to say: everything recorded before then has been published.',
  headers: { $ref: '#/components/schemas/HeartbeatHeaders' },
  payload: { type: 'null', description: 'Empty.' },
  bindings: { kafka: { key: { type: 'string', description: 'The source.' } } },
};

/** The headers that stand on such records, and those that may. */
function headersOf(always: readonly Presence[]): Schema {
  const all = Object.entries<Header>(HEADERS);
  const required = all.filter(([, { on }]) => always.includes(on)).map(([name]) => name);
  const shown = always.length === 1 ? all.filter(([name]) => required.includes(name)) : all;
  return {
    type: 'object',
    required,
    properties: Object.fromEntries(
      shown
        .filter(([name, { on }]) => required.includes(name) || on === 'sometimes')
        .map(([name, { says, format, pattern, always: only, example }]) => [
          name,
          {
            type: 'string',
            description: says,
            ...(format ? { format } : {}),
            ...(pattern ? { pattern } : {}),
            ...(only ? { const: only } : {}),
            ...(example ? { examples: [example] } : {}),
          },
        ]),
    ),
  };
}
