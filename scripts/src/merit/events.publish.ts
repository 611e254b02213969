/** `events replay`, `events parked` and `events unpark`: what a publisher does again. */
import { DomainError } from '@merit/chassis/errors';
import type { Graph } from '../graph.client.js';
import { type Call, type Command, misuse } from './command.js';
import {
  askEvents,
  doWithEvents,
  fromEach,
  NO_REASON,
  noParameters,
  oneServiceOf,
  REASON_OPTION,
  reasonOf,
  SERVICE_HELP,
  SERVICE_OPTION,
  type Service,
  serviceOf,
  servicesOf,
} from './events.services.js';
import { counted, number, shortType, since, table } from './screen.js';

export const eventsReplay: Command = {
  name: 'events replay',
  parameters: '',
  summary: 'publish events once more; readers skip those they had',
  help: `  --from <moment>   those written down then or later: 2026-11-20, or 2026-11-20T08:00:00Z
  --to <moment>     those written down before
  --type <type>     of this type, such as merit.competency.v1.TrainingCompleted
  --key <key>       of this key: a person, unit or service
  --subject <what>  of this aggregate, such as enrolment/<id>
  --reason <text>   why, for the record
${SERVICE_HELP}
At least one of --from, --key and --subject. Published events are kept for 14 days; for what is older, take a snapshot.
Ends with 1 when there was nothing to publish.`,
  options: {
    ...SERVICE_OPTION,
    ...REASON_OPTION,
    from: { type: 'string' },
    to: { type: 'string' },
    type: { type: 'string' },
    key: { type: 'string' },
    subject: { type: 'string' },
  },
  run: replay,
};

export const eventsParked: Command = {
  name: 'events parked',
  parameters: '',
  summary: 'events that their own service could not publish',
  help: `${SERVICE_HELP}\nEnds with 1 when there are any.`,
  options: SERVICE_OPTION,
  run: parked,
};

export const eventsUnpark: Command = {
  name: 'events unpark',
  parameters: '<key>',
  summary: 'let the parked events of a key go out, once the reason is gone',
  help: `  --service <name>  whose; needed
  --reason <text>   what is different now, for the record
Ends with 1 when nothing of the key was parked.`,
  options: { ...SERVICE_OPTION, ...REASON_OPTION },
  run: unpark,
};

async function replay(call: Call): Promise<number> {
  noParameters(call);
  const { from, to, type, key, subject } = call.options;
  if (from === undefined && key === undefined && subject === undefined) {
    throw misuse('Say which: --from <moment>, --key <key> or --subject <aggregate>.');
  }
  const input = {
    ...(from === undefined ? {} : { from: momentOf('--from', String(from)) }),
    ...(to === undefined ? {} : { to: momentOf('--to', String(to)) }),
    ...(type === undefined ? {} : { types: [String(type)] }),
    ...(key === undefined ? {} : { key: String(key) }),
    ...(subject === undefined ? {} : { subject: String(subject) }),
    reason: reasonOf(call) ?? NO_REASON,
  };
  const graph = await call.graph();
  const replayed: Partial<Record<Service, number>> = {};
  for (const service of publishersOf(call)) {
    const say = (events: number) =>
      call.json ? undefined : console.error(`${service}: ${counted(events, 'event')} …`);
    replayed[service] = await replayedIn(graph, service, input, say);
    if (!call.json) console.log(`${service}: ${counted(replayed[service]!, 'event')} put back in line`);
  }
  const total = Object.values(replayed).reduce((sum, events) => sum + events, 0);
  if (call.json) console.log(JSON.stringify({ replayed }));
  else if (total === 0)
    console.log('None of these events is in an outbox any more: take a snapshot (events snapshot).');
  return total === 0 ? 1 : 0;
}

/** How many events a service put back in line, call after call: each does no more than fits into a request. */
async function replayedIn(
  graph: Graph,
  service: Service,
  input: object,
  say: (events: number) => void,
): Promise<number> {
  let events = 0;
  for (let after: string | null = null; ; ) {
    const sent = ['ReplayEventsInput', { ...input, ...(after === null ? {} : { after }) }] as const;
    const part: { events: number; next: string | null } = await doWithEvents<typeof part>(
      graph,
      service,
      'replay*Events',
      sent,
      'events next',
    ).catch((error) => {
      if (error instanceof DomainError && error.code === 'REPLAY_EMPTY') return { events: 0, next: null };
      throw error;
    });
    events += part.events;
    if (part.next === null) return events;
    say(events);
    after = part.next;
  }
}

/** A type names its publisher, so nobody else needs to be asked. */
function publishersOf(call: Call): readonly Service[] {
  const named = /^merit\.(\w+)\./.exec(String(call.options['type'] ?? ''))?.[1];
  return call.options['service'] === undefined && named !== undefined ? [serviceOf(named)] : servicesOf(call);
}

/** @throws misuse for what is no moment */
function momentOf(option: string, text: string): string {
  const moment = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(moment.getTime())) {
    throw misuse(`${option} ${text} is no moment: write 2026-11-20, or 2026-11-20T08:00:00Z.`);
  }
  return moment.toISOString();
}

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

async function parked(call: Call): Promise<number> {
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

async function unpark(call: Call): Promise<number> {
  const [key, ...more] = call.parameters;
  if (key === undefined || more.length > 0) throw misuse('Say which key: events unpark <key> --service performance');
  const service = oneServiceOf(call);
  const input = ['UnparkEventsInput', { key, reason: reasonOf(call) ?? NO_REASON }] as const;
  const { events } = await doWithEvents<{ events: number }>(
    await call.graph(),
    service,
    'unpark*Events',
    input,
    'events',
  );
  console.log(call.json ? JSON.stringify({ events }) : `${service}: ${counted(events, 'event')} of ${key} may go out.`);
  return events > 0 ? 0 : 1;
}
