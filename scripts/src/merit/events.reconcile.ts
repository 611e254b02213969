/** `events reconcile`: whether every event that was published became something at every reader. */
import { setTimeout as pause } from 'node:timers/promises';
import { trouble } from '@merit/infra/trouble';
import type { Graph } from '../graph.client.js';
import { type Call, type Command, misuse } from './command.js';
import { askEvents, noParameters, SERVICES, type Service } from './events.services.js';
import {
  type Applied,
  type AppliedTotal,
  compare,
  compareTotals,
  type Line,
  type Published,
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
events since the beginning. Ends with 1 when something is not explained by that, or when what is on its way did not
arrive in time.`,
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
  const lines = readers.flatMap(({ reader, topic, applied }) => {
    const [first, last] = [before.get(publisherOf(topic)!)!, after.get(publisherOf(topic)!)!];
    return compare({ reader, topic, before: first.published, after: last.published, applied });
  });
  const totals = readers.flatMap(({ reader, topic, appliedInAll }) => {
    const [first, last] = [before.get(publisherOf(topic)!)!, after.get(publisherOf(topic)!)!];
    if (last.timeline > 1) return []; // what was published on a timeline that was left is not known any more
    return compareTotals({
      reader,
      topic,
      before: first.publishedInAll,
      after: last.publishedInAll,
      applied: appliedInAll,
    });
  });
  const unexplained = lines.filter((line) => line.unexplained !== 0);
  const inAll = totals.filter((total) => total.unexplained !== 0);
  console.log(call.json ? JSON.stringify({ unexplained, inAll, ...sumsOf(lines) }) : textOf(lines, unexplained, inAll));
  return unexplained.length + inAll.length > 0 ? 1 : 0;
}

/** @throws misuse */
function wholeOf({ options }: Call, name: string): number {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 0) throw misuse(`--${name} is a whole number.`);
  return value;
}

const dayOf = (moment: number): string => new Date(moment).toISOString().slice(0, 10);
const publisherOf = (topic: string): Service | undefined => SERVICES.find((service) => topic === `merit.${service}.v1`);

interface OnItsWay {
  readonly relay: { readonly backlog: number };
  readonly lag: readonly { lag: number }[] | null;
}
const ON_ITS_WAY = 'relay { backlog } lag { lag }';
const AWAY = 'the transport does not answer, so nobody knows what is still to be read';
const LOOK_MS = 500;

/** Waits until every outbox was empty once, and after that every reader at the end once: traffic goes on meanwhile. */
async function arrived(graph: Graph, waitSeconds: number, say: (text: string) => void): Promise<void> {
  const until = Date.now() + waitSeconds * 1_000;
  const steps: [what: string, left: (state: OnItsWay) => number][] = [
    ['to be published', ({ relay }) => relay.backlog],
    ['to be read', ({ lag }) => lag?.reduce((sum, each) => sum + each.lag, 0) ?? Number.POSITIVE_INFINITY],
  ];
  for (const [what, left] of steps) {
    for (let open: readonly Service[] = SERVICES; ; ) {
      const states = await Promise.all(open.map((service) => askEvents<OnItsWay>(graph, service, ON_ITS_WAY)));
      const lefts = states.map(left);
      open = open.filter((_, n) => lefts[n]! > 0);
      if (open.length === 0) break;
      const rest = lefts.reduce((sum, each) => sum + each, 0);
      const still = Number.isFinite(rest) ? `${number(rest)} events are still ${what}` : AWAY;
      if (Date.now() > until) throw trouble(`${open.join(', ')}: ${still}. Wait longer (--wait), or see events lag.`);
      say(`${still} …`);
      await pause(LOOK_MS);
    }
  }
}

type Days = Record<'from' | 'to', string>;
const DECLARED = '$from: LocalDate!, $to: LocalDate!';

interface Publisher {
  readonly timeline: number;
  readonly publishedInAll: number;
  readonly published: readonly Published[];
}

async function publishedBy(graph: Graph, values: Days): Promise<ReadonlyMap<Service, Publisher>> {
  const selection = 'timeline publishedInAll published(from: $from, to: $to) { type day published }';
  const asked = SERVICES.map(
    async (service) =>
      [service, await askEvents<Publisher>(graph, service, selection, { declared: DECLARED, values })] as const,
  );
  return new Map(await Promise.all(asked));
}

/** Each service with each topic of another that it reads. */
async function readersOf(graph: Graph, values: Days) {
  const selection = `lag { topic } appliedInAll { topic applied discarded covered waiting }
    applied(from: $from, to: $to) { topic type day applied discarded covered waiting }`;
  interface Reader {
    readonly lag: readonly { topic: string }[] | null;
    readonly applied: readonly Applied[];
    readonly appliedInAll: readonly AppliedTotal[];
  }
  const asked = SERVICES.map(async (reader) => {
    const { lag, ...counts } = await askEvents<Reader>(graph, reader, selection, { declared: DECLARED, values });
    if (lag === null) throw trouble(`${reader}: ${AWAY}. Repeat it once it does.`);
    const topics = new Set(lag.map(({ topic }) => topic));
    return [...topics].filter(publisherOf).map((topic) => ({ reader, topic, ...counts }));
  });
  return (await Promise.all(asked)).flat();
}

const sumsOf = (lines: readonly Line[]) => {
  const sum = (name: 'published' | 'applied' | 'discarded' | 'covered' | 'waiting') =>
    lines.reduce((total, line) => total + line[name], 0);
  return {
    ...{ published: sum('published'), applied: sum('applied'), discarded: sum('discarded') },
    ...{ covered: sum('covered'), waiting: sum('waiting') },
  };
};

/** A line for each reader, then what is not explained. */
function textOf(lines: readonly Line[], unexplained: readonly Line[], inAll: readonly Total[]): string {
  const readers = [...new Set(lines.map(({ reader }) => reader))];
  const rows = readers.map((reader) => {
    const total = sumsOf(lines.filter((line) => line.reader === reader));
    const { published, applied, discarded, covered, waiting } = total;
    return [reader, ...[published, applied, discarded, covered, waiting].map(number)];
  });
  const overview = table([['reader', 'published', 'applied', 'discarded', 'by snapshot', 'set aside'], ...rows]);
  if (unexplained.length + inAll.length === 0)
    return `${overview}\n\nEvery event that was published is accounted for at every reader.`;
  const differing = table([
    ['reader', 'event', 'day', 'published', 'found', 'missing'],
    ...unexplained.map((line) => differenceRow(line, shortType(line.type), line.day)),
    ...inAll.map((total) => differenceRow(total, `${publisherOf(total.topic)}, all`, 'ever')),
  ]);
  return `${overview}\n\n${counted(unexplained.length + inAll.length, 'difference')} without an explanation:\n${differing}`;
}

const differenceRow = (of: Omit<Line, 'type' | 'day'>, event: string, day: string): string[] => [
  ...[of.reader, event, day, number(of.published)],
  ...[number(of.applied + of.discarded + of.covered + of.waiting), String(of.unexplained)],
];
