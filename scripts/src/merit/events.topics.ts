import { createLog } from '@merit/chassis/log';
import type { TopicDrift, TopicState, WantedTopic } from '@merit/chassis/transport/transport.kafka.topics';
import { trouble } from '@merit/infra/trouble';
import { type Call, type Command, misuse } from './command.js';
import { readKafka } from './env.js';
import { noParameters, YES_OPTION } from './events.services.js';
import { wantedTopics } from './events.topics.list.js';
import { confirm } from './screen.js';

/** `events topics`: which topics there are, how they differ from what is wanted, and with `--apply` as wanted. */
export const eventsTopics: Command = {
  name: 'events topics',
  parameters: '',
  summary: 'compare Kafka’s topics with what Merit wants; --apply mends',
  help: `  --apply          make what is missing, set what is set otherwise; safe to repeat
  --yes            with --apply: without asking, where records are kept shorter or a topic's own setting is taken back
  --brokers <list> host:port,host:port; KAFKA_BROKERS unless told, and the other KAFKA_ variables beside it
  --copies <n>     how many brokers have a copy of each record: 3 unless told; 1 for a broker that stands alone
Ends with 0 when all topics are as wanted, 1 when one is not. The embedded event log needs none of this.`,
  options: {
    ...YES_OPTION,
    apply: { type: 'boolean', default: false },
    brokers: { type: 'string' },
    copies: { type: 'string', default: '3' },
  },
  run,
};

async function run(call: Call): Promise<number> {
  noParameters(call);
  const { options, json } = call;
  const given = typeof options['brokers'] === 'string' ? { KAFKA_BROKERS: options['brokers'] } : {};
  const kafka = readKafka({ ...process.env, ...given });
  if (!kafka) throw misuse('Which Kafka? Name its brokers: --brokers host:port,host:port, or KAFKA_BROKERS.');
  const copies = Number(options['copies']);
  if (![1, 2, 3].includes(copies)) throw misuse('--copies is 1, 2 or 3.');
  const { openTopics, lostBy } = await import('@merit/chassis/transport/transport.kafka.topics'); // other commands need no Kafka
  const topics = openTopics({ ...kafka, log: createLog('merit', 'silent') });
  const wanted = wantedTopics(copies);
  const troubled = (error: Error) => {
    throw trouble(error.message);
  };
  const before = await topics.compare(wanted).catch(troubled);
  const apply = options['apply'] === true;
  if (apply) {
    await agreed(before, lostBy, options['yes'] === true);
    await topics.apply(wanted).catch(troubled);
  }
  const after = apply ? await topics.compare(wanted).catch(troubled) : before;
  const made = after.filter(({ exists }, i) => exists && !before[i]!.exists).map(({ topic }) => topic);
  console.log(json ? JSON.stringify({ topics: after, made }) : report(wanted, after, made));
  return after.every(({ exists, drift }) => exists && drift.length === 0) ? 0 : 1;
}

/** Asks before anything is lost that somebody may have wanted. @throws misuse when they do not agree */
export async function agreed(
  states: readonly TopicState[],
  lostBy: (drift: TopicDrift) => string | null,
  yes: boolean,
): Promise<void> {
  const lost = states.flatMap(({ topic, drift }) =>
    drift.flatMap((each) => {
      const what = lostBy(each);
      return what === null ? [] : [`${topic}: ${what}`];
    }),
  );
  if (lost.length > 0) await confirm(lost.join('\n'), 'apply', yes);
}

/** A line for each topic, and one below it for each setting that is not as wanted. */
export function report(wanted: readonly WantedTopic[], states: readonly TopicState[], made: readonly string[]): string {
  const width = Math.max(...states.map(({ topic }) => topic.length));
  const lines = states.flatMap(({ topic, exists, drift }, i) => {
    const { partitions, replication, config } = wanted[i]!;
    const days = Number(config['retention.ms']) / 86_400_000;
    const shape = `${partitions} partitions, ${replication} copies, ${config['min.insync.replicas']} in sync, ${days} days`;
    const verdict = made.includes(topic) ? 'made' : exists ? (drift.length > 0 ? 'differs' : 'as wanted') : 'missing';
    return [
      `${topic.padEnd(width)}  ${verdict.padEnd(9)}  ${shape}`,
      ...drift.map(
        ({ setting, wanted: want, found, obstacle }) =>
          `  ${setting} is ${found} and should be ${want}${obstacle ? `; ${obstacle}` : ''}`,
      ),
    ];
  });
  const open = states.some(({ exists, drift }) => !exists || drift.some(({ obstacle }) => obstacle === null));
  return [...lines, ...(open ? ['Run it with --apply to make and mend what can be.'] : [])].join('\n');
}
