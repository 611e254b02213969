/** `events lag`: how far everyone is, at a glance. */
import type { Call, Command } from './command.js';
import { askEvents, fromEach, noParameters, SERVICE_HELP, SERVICE_OPTION, servicesOf } from './events.services.js';
import { age, number, secondsBetween, since, table } from './screen.js';

export const eventsLag: Command = {
  name: 'events lag',
  parameters: '',
  summary: 'how far behind each service is, and what is stuck',
  help: `${SERVICE_HELP}
Ends with 1 when a service or its transport does not answer, when it was not heard from for a minute, when events are
parked, or when dead letters wait. To be behind is no fault by itself: ask again, and see whether it shrinks.`,
  options: SERVICE_OPTION,
  run,
};

interface Partition {
  readonly topic: string;
  readonly lag: number;
  readonly asOf: string | null;
  readonly heartbeats: boolean;
}
interface State {
  readonly now: string;
  readonly relay: { readonly backlog: number; readonly oldestSeconds: number; readonly parked: number };
  readonly asOf: string | null;
  readonly lag: readonly Partition[] | null;
  readonly deadLetters: { readonly total: number };
}

const SELECTION = `now relay { backlog oldestSeconds parked } asOf lag { topic partition lag asOf heartbeats } deadLetters(first: 1) { total }`;
/** A relay that has nothing to say says so every 15 s. */
const SILENT_SECONDS = 60;

async function run(call: Call): Promise<number> {
  noParameters(call);
  const graph = await call.graph();
  const found = await fromEach(servicesOf(call), (service) => askEvents<State>(graph, service, SELECTION));
  const wrong = found.filter(({ answer }) => answer === null || isWrong(answer)).map(({ service }) => service);
  if (call.json) {
    const states = found.map(({ service, answer, problem }) => [service, answer ?? { problem }]);
    console.log(JSON.stringify({ services: Object.fromEntries(states), wrong }));
  } else {
    console.log(servicesTable(found));
    console.log(`\n${readersTable(found)}`);
    if (wrong.length > 0)
      console.log(`\nSomething needs a person: ${wrong.join(', ')}. See events dead, and docs/events.md.`);
  }
  return wrong.length > 0 ? 1 : 0;
}

type Found = Awaited<ReturnType<typeof fromEach<State>>>[number];

const silent = (asOf: string | null, now: string): boolean =>
  asOf === null || secondsBetween(asOf, now) > SILENT_SECONDS;

const isWrong = ({ now, relay, lag, deadLetters }: State): boolean =>
  relay.parked > 0 ||
  deadLetters.total > 0 ||
  lag === null ||
  lag.some(({ asOf, heartbeats }) => heartbeats && silent(asOf, now));

const ago = (moment: string, now: string): string => {
  const passed = since(moment, now);
  return passed === 'never' ? passed : `${passed} ago`;
};

const servicesTable = (found: readonly Found[]): string =>
  table([
    ['service', 'to publish', 'oldest', 'parked', 'dead letters', 'knows all of until'],
    ...found.map(({ service, answer, problem }) =>
      answer === null
        ? [service, '', '', '', '', `does not answer: ${problem}`]
        : [
            service,
            number(answer.relay.backlog),
            answer.relay.backlog === 0 ? '–' : age(answer.relay.oldestSeconds),
            number(answer.relay.parked),
            number(answer.deadLetters.total),
            answer.asOf === null ? 'reads nothing' : ago(answer.asOf, answer.now),
          ],
    ),
  ]);

/** A line for each topic that a service reads: what lies before it on all partitions, and the one heard of least lately. */
function readersTable(found: readonly Found[]): string {
  const rows = found.flatMap(({ service, answer }) => {
    if (answer === null) return [];
    if (answer.lag === null) return [[service, 'the transport does not answer', '', '']];
    return [...new Set(answer.lag.map(({ topic }) => topic))].map((topic) => {
      const partitions = answer.lag!.filter((each) => each.topic === topic);
      const lag = partitions.reduce((total, each) => total + each.lag, 0);
      const oldest = partitions.map(({ asOf }) => asOf ?? '').sort()[0] || null;
      const heard = oldest === null ? 'a partition never' : ago(oldest, answer.now);
      return [service, topic, number(lag), partitions.some(({ heartbeats }) => heartbeats) ? heard : 'when asked'];
    });
  });
  return table([['reader', 'topic', 'events behind', 'last heard'], ...rows]);
}
