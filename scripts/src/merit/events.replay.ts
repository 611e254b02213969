/** `events replay`: what a publisher has published goes out once more. */
import { DomainError } from '@merit/chassis/errors';
import type { Graph } from '../graph.client.js';
import { type Call, type Command, misuse } from './command.js';
import {
  doWithEvents,
  NO_REASON,
  noParameters,
  REASON_OPTION,
  reasonOf,
  SERVICE_HELP,
  SERVICE_OPTION,
  SERVICES,
  type Service,
  servicesOf,
} from './events.services.js';
import { counted } from './screen.js';

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
  run,
};

async function run(call: Call): Promise<number> {
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

/** A type names its publisher, so nobody else needs to be asked; but for those that all services publish. */
function publishersOf(call: Call): readonly Service[] {
  const [, named] = /^merit\.(\w+)\./.exec(String(call.options['type'] ?? '')) ?? [];
  const publisher = SERVICES.filter((service) => service === named);
  return call.options['service'] === undefined && publisher.length > 0 ? publisher : servicesOf(call);
}

/** @throws misuse for what is no moment */
function momentOf(option: string, text: string): string {
  const moment = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(moment.getTime())) {
    throw misuse(`${option} ${text} is no moment: write 2026-11-20, or 2026-11-20T08:00:00Z.`);
  }
  return moment.toISOString();
}
