/** `events parked`: what a service could not publish. */
import type { Call, Command } from './command.js';
import { askEvents, fromEach, noParameters, SERVICE_HELP, SERVICE_OPTION, servicesOf } from './events.services.js';
import { number, shortType, since, table } from './screen.js';

export const eventsParked: Command = {
  name: 'events parked',
  parameters: '',
  summary: 'events that their own service could not publish',
  help: `${SERVICE_HELP}\nEnds with 1 when there are any.`,
  options: SERVICE_OPTION,
  run,
};

interface Parked {
  readonly now: string;
  readonly parkedEvents: {
    readonly total: number;
    readonly edges: readonly { readonly node: ParkedEvent }[];
  };
}
interface ParkedEvent {
  readonly type: string;
  readonly key: string;
  readonly bytes: number;
  readonly error: string | null;
  readonly recordedAt: string;
}

async function run(call: Call): Promise<number> {
  noParameters(call);
  const graph = await call.graph();
  const selection = 'now parkedEvents(first: 50) { total edges { node { type key bytes error recordedAt } } }';
  const found = await fromEach(servicesOf(call), (service) => askEvents<Parked>(graph, service, selection));
  const total = found.reduce((sum, { answer }) => sum + (answer?.parkedEvents.total ?? 0), 0);
  const silent = found.filter(({ answer }) => answer === null);
  if (call.json)
    console.log(
      JSON.stringify({
        total,
        services: Object.fromEntries(
          found.map(({ service, answer }) => [service, answer?.parkedEvents.edges.map(({ node }) => node) ?? null]),
        ),
      }),
    );
  else {
    for (const { service, problem } of silent) console.log(`${service} does not answer: ${problem}`);
    const rows = found.flatMap(({ service, answer }) =>
      (answer?.parkedEvents.edges ?? []).map(({ node }) => [
        service,
        node.key,
        shortType(node.type),
        number(node.bytes),
        since(node.recordedAt, answer!.now),
        node.error ?? '',
      ]),
    );
    if (rows.length > 0) console.log(table([['service', 'key', 'event', 'bytes', 'age', 'why'], ...rows]));
    if (total > rows.length) console.log(`\nThese are the first ${number(rows.length)} of ${number(total)}.`);
    if (total === 0 && silent.length === 0) console.log('Nothing is parked.');
  }
  return total > 0 || silent.length > 0 ? 1 : 0;
}
