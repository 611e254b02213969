/** `events reconcile`: whether every event that was published became something at every reader. */
import { ACCESS_TOPIC } from '@merit/chassis/transport/envelope';
import { trouble } from '@merit/infra/trouble';
import type { Graph } from '../graph.client.js';
import { type Call, type Command, misuse } from './command.js';
import { AWAY, arrived } from './events.reconcile.arrived.js';
import { askEvents, noParameters, SERVICES, type Service } from './events.services.js';
import {
  type Applied,
  type AppliedTotal,
  compare,
  compareTotals,
  type Line,
  type Published,
  publishedTogether,
  type Total,
} from './reconcile.js';
import { counted, number, shortType, table } from './screen.js';

export const eventsReconcile: Command = {
  name: 'events reconcile',
  parameters: '',
  summary: 'whether every published event arrived at every reader',
  help: `  --days <n>      events of the last so many days, by UTC; 30 unless told
  --wait <s>      how long to wait for what is on its way, in seconds; 60 unless told
Waits until what is written down by now is published and read. Then compares, by type and day, what each service has
published with what each reader has applied, discarded, had covered by a snapshot, or set aside; and the same of all
events since the beginning. Ends with 1 when something is not explained by that, when a service holds events parked that
nobody can have read, or when what is on its way did not arrive in time.`,
  options: { days: { type: 'string', default: '30' }, wait: { type: 'string', default: '60' } },
  run,
};

const DAY_MS = 86_400_000;

async function run(call: Call): Promise<number> {
  noParameters(call);
  const [days, wait] = [wholeOf(call, 'days'), wholeOf(call, 'wait')];
  const graph = await call.graph();
  const say = (text: string) => (call.json ? undefined : console.error(text));
  await arrived(graph, wait, say);
  say('comparing …');
  const today = Date.parse((await askEvents<{ now: string }>(graph, SERVICES[0], 'now')).now);
  const values = { from: dayOf(today - days * DAY_MS), to: dayOf(today + DAY_MS) };
  const before = await publishedBy(graph, values);
  const readers = await readersOf(graph, values);
  const after = await publishedBy(graph, values);
  const lines = readers.flatMap(({ applied, ...pair }) =>
    pairsOf(pair, applied, before, after).flatMap(({ first, last, ...each }) =>
      compare({ ...each, before: publishedTogether(first), after: publishedTogether(last), applied }),
    ),
  );
  const totals = readers.flatMap(({ appliedInAll, ...pair }) =>
    pairsOf(pair, appliedInAll, before, after).flatMap(({ first, last, ...each }) => {
      if (last.some(({ timeline }) => timeline > 1)) return []; // what was published on a timeline that was left is not known any more
      const sum = (of: readonly Publisher[]) => of.reduce((total, each) => total + each.inAll[pair.topic]!, 0);
      return compareTotals({ ...each, before: sum(first), after: sum(last), applied: appliedInAll });
    }),
  );
  const unexplained = lines.filter((line) => line.unexplained !== 0);
  const inAll = totals.filter((total) => total.unexplained !== 0);
  const parked = Object.fromEntries([...after].map(([service, { relay }]) => [service, relay.parked]));
  const held = SERVICES.filter((service) => parked[service]! > 0);
  const found = { lines, unexplained, inAll, parked };
  console.log(call.json ? JSON.stringify({ unexplained, inAll, parked, ...sumsOf(lines) }) : textOf(found, held));
  return unexplained.length + inAll.length + held.length > 0 ? 1 : 0;
}

/** @throws misuse */
function wholeOf({ options }: Call, name: string): number {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 0) throw misuse(`--${name} is a whole number.`);
  return value;
}

const dayOf = (moment: number): string => new Date(moment).toISOString().slice(0, 10);

const topicOf = (service: Service): string => `merit.${service}.v1`;
/** Who publishes to a topic: to that of reads all do. None for what is not reconciled, such as the services' requests. */
const publishersOf = (topic: string): readonly Service[] =>
  topic === ACCESS_TOPIC ? SERVICES : SERVICES.filter((service) => topic === topicOf(service));

type Days = Record<'from' | 'to', string>;
const DECLARED = '$from: LocalDate!, $to: LocalDate!';

interface Publisher {
  readonly timeline: number;
  readonly relay: { readonly parked: number };
  /** Since the beginning, by topic. */
  readonly inAll: Readonly<Record<string, number>>;
  readonly published: readonly Published[];
}

async function publishedBy(graph: Graph, values: Days): Promise<ReadonlyMap<Service, Publisher>> {
  const selection = `timeline relay { parked } own: publishedInAll reads: publishedInAll(topic: "${ACCESS_TOPIC}")
    published(from: $from, to: $to) { type day published }`;
  const asked = SERVICES.map(async (service) => {
    const { own, reads, ...rest } = await askEvents<Omit<Publisher, 'inAll'> & { own: number; reads: number }>(
      graph,
      service,
      selection,
      { declared: DECLARED, values },
    );
    return [service, { ...rest, inAll: { [topicOf(service)]: own, [ACCESS_TOPIC]: reads } }] as const;
  });
  return new Map(await Promise.all(asked));
}

/** Each service with each topic that it reads and others publish to. */
async function readersOf(graph: Graph, values: Days) {
  const selection = `lag { topic } appliedInAll { topic source applied discarded covered waiting }
    applied(from: $from, to: $to) { topic source type day applied discarded covered waiting }`;
  interface Reader {
    readonly lag: readonly { topic: string }[] | null;
    readonly applied: readonly Applied[];
    readonly appliedInAll: readonly AppliedTotal[];
  }
  const asked = SERVICES.map(async (reader) => {
    const { lag, ...counts } = await askEvents<Reader>(graph, reader, selection, { declared: DECLARED, values });
    if (lag === null) throw trouble(`${reader}: ${AWAY}. Repeat it once it does.`);
    const topics = new Set(lag.map(({ topic }) => topic));
    return [...topics].filter((topic) => publishersOf(topic).length > 0).map((topic) => ({ reader, topic, ...counts }));
  });
  return (await Promise.all(asked)).flat();
}

/**
 * A reader with each publisher of a topic, or with all of them at once: of what was counted before its publisher was kept
 * beside it, it is known of all together only.
 */
function pairsOf(
  { reader, topic }: { readonly reader: string; readonly topic: string },
  counts: readonly { readonly topic: string; readonly source: string }[],
  before: ReadonlyMap<Service, Publisher>,
  after: ReadonlyMap<Service, Publisher>,
) {
  const publishers = publishersOf(topic);
  const isKnown = counts.every((row) => row.topic !== topic || row.source !== '');
  const groups = isKnown ? publishers.map((service) => [service]) : [publishers];
  return groups.map((group) => ({
    ...{ reader, topic, publisher: group.join(', ') },
    source: isKnown ? `/merit/${group[0]}` : null,
    first: group.map((service) => before.get(service)!),
    last: group.map((service) => after.get(service)!),
  }));
}

const sumsOf = (lines: readonly Line[]) => {
  const sum = (name: 'published' | 'applied' | 'discarded' | 'covered' | 'waiting') =>
    lines.reduce((total, line) => total + line[name], 0);
  return {
    ...{ published: sum('published'), applied: sum('applied'), discarded: sum('discarded') },
    ...{ covered: sum('covered'), waiting: sum('waiting') },
  };
};

interface Found {
  readonly lines: readonly Line[];
  readonly unexplained: readonly Line[];
  readonly inAll: readonly Total[];
  readonly parked: Readonly<Record<string, number>>;
}

/** A line for each reader and publisher, then what is not explained. */
function textOf({ lines, unexplained, inAll, parked }: Found, held: readonly Service[]): string {
  const pairs = [...new Set(lines.map(({ reader, publisher }) => `${reader} ${publisher}`))];
  const rows = pairs.map((pair) => {
    const of = lines.filter(({ reader, publisher }) => `${reader} ${publisher}` === pair);
    const { reader, publisher } = of[0]!;
    const { published, applied, discarded, covered, waiting } = sumsOf(of);
    const cells = [published, parked[publisher] ?? 0, applied, discarded, covered, waiting];
    return [reader, publisher, ...cells.map(number)];
  });
  const header = ['reader', 'events of', 'published', 'parked', 'applied', 'discarded', 'by snapshot', 'set aside'];
  const overview = table([header, ...rows]);
  const differing = table([
    ['reader', 'event', 'day', 'published', 'found', 'missing'],
    ...unexplained.map((line) => differenceRow(line, eventOf(line), line.day)),
    ...inAll.map((total) => differenceRow(total, `${total.publisher}, all`, 'ever')),
  ]);
  const differences = unexplained.length + inAll.length;
  const open = [
    ...(differences > 0 ? [`${counted(differences, 'difference')} without an explanation:\n${differing}`] : []),
    ...held.map(
      (service) =>
        `${service} holds ${counted(parked[service]!, 'event')} parked, which no reader can have: npm run merit -- events parked --service ${service}`,
    ),
  ];
  if (open.length === 0) return `${overview}\n\nEvery event that was published is accounted for at every reader.`;
  return [overview, ...open].join('\n\n');
}

const differenceRow = (of: Omit<Line, 'type' | 'day'>, event: string, day: string): string[] => [
  ...[of.reader, event, day, number(of.published)],
  ...[number(of.applied + of.discarded + of.covered + of.waiting), String(of.unexplained)],
];

/** `competency LearningHoursCounted`, and on a topic of all services `access AccessRecorded of feedback`. */
const eventOf = ({ type, publisher }: Line): string =>
  shortType(type).startsWith(`${publisher} `) ? shortType(type) : `${shortType(type)} of ${publisher}`;
