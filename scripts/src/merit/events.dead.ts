/** `events dead`: what could not be applied, and what each of them holds up. */
import type { Graph } from '../graph.client.js';
import { type Call, type Command, misuse } from './command.js';
import {
  askEvents,
  fromEach,
  noParameters,
  SERVICE_HELP,
  SERVICE_OPTION,
  type Service,
  servicesOf,
} from './events.services.js';
import { counted, shortType, since, table } from './screen.js';

export const eventsDead: Command = {
  name: 'events dead',
  parameters: '',
  summary: 'the dead letters: events at fault, and how many wait behind each',
  help: `${SERVICE_HELP}
  --code <CODE>     only those with this code, such as FAILED
  --most <n>        at most so many of each service; 50 unless told
Ends with 1 when any waits.`,
  options: { ...SERVICE_OPTION, code: { type: 'string' }, most: { type: 'string', default: '50' } },
  run,
};

/** An event at fault: the first of its line. */
export interface Head {
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly type: string | null;
  readonly subject: string | null;
  readonly topic: string;
  readonly key: string;
  readonly attempts: number;
  readonly parkedAt: string;
  /** The moment of the answer, by the same clock. */
  readonly now: string;
  readonly waitingBehind: number;
}

export interface Heads {
  /** As many as were asked for, each with the service in its id. */
  readonly heads: readonly Head[];
  /** All that waits, at fault or behind. */
  readonly total: number;
  /** There are more at fault than were asked for. */
  readonly more: boolean;
}

interface Page {
  readonly now: string;
  readonly deadLetters: {
    readonly total: number;
    readonly edges: readonly { readonly node: Omit<Head, 'now'> }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const SELECTION = `now deadLetters(first: $first, after: $after) { total
  edges { node { id code message type subject topic key attempts parkedAt waitingBehind } } pageInfo { hasNextPage endCursor } }`;
const PAGE = 50;

/** The events at fault of a service, page by page until there are enough: they are listed before those behind them. */
export async function headsOf(
  graph: Graph,
  service: Service,
  { most, code }: { readonly most: number; readonly code?: string | undefined },
): Promise<Heads> {
  const heads: Head[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page = await askEvents(graph, service, SELECTION, {
      declared: '$first: Int, $after: String',
      values: { first: PAGE, after },
    });
    const { total, edges, pageInfo } = page.deadLetters;
    const atFault = edges.map(({ node }) => node).filter((node) => node.code !== 'WAITS');
    const wanted = atFault.filter((node) => code === undefined || node.code === code);
    heads.push(...wanted.map((node) => ({ ...node, id: `${service}/${node.id}`, now: page.now })));
    const isLast = !pageInfo.hasNextPage || atFault.length < edges.length;
    if (isLast || heads.length > most) return { heads: heads.slice(0, most), total, more: heads.length > most };
    after = pageInfo.endCursor;
  }
}

async function run(call: Call): Promise<number> {
  noParameters(call);
  const most = Number(call.options['most']);
  if (!Number.isInteger(most) || most < 1) throw misuse('--most is a whole number from 1.');
  const code = call.options['code'] === undefined ? undefined : String(call.options['code']);
  const graph = await call.graph();
  const found = await fromEach(servicesOf(call), (service) => headsOf(graph, service, { most, code }));
  const heads = found.flatMap(({ answer }) => answer?.heads ?? []);
  const total = found.reduce((sum, { answer }) => sum + (answer?.total ?? 0), 0);
  const silent = found.filter(({ answer }) => answer === null);
  const more = found.some(({ answer }) => answer?.more);
  if (call.json) {
    console.log(JSON.stringify({ total, more, deadLetters: heads, silent: silent.map(({ service }) => service) }));
  } else {
    for (const { service, problem } of silent) console.log(`${service} does not answer: ${problem}`);
    if (heads.length > 0) console.log(listOf(heads));
    if (total > 0) console.log(closing(heads, total, more));
    else if (silent.length === 0) console.log('Nothing is waiting.');
  }
  return total > 0 || silent.length > 0 ? 1 : 0;
}

const listOf = (heads: readonly Head[]): string =>
  table([
    ['dead letter', 'code', 'event', 'set aside', 'tries', 'behind it'],
    ...heads.map((head) => [
      head.id,
      head.code,
      shortType(head.type),
      `${since(head.parkedAt, head.now)} ago`,
      String(head.attempts),
      String(head.waitingBehind),
    ]),
  ]);

const closing = (heads: readonly Head[], total: number, more: boolean): string =>
  `\n${counted(total, 'event')} ${total === 1 ? 'waits' : 'wait'} in all${more ? ', more of them at fault than shown (--most)' : ''}.${
    heads[0] ? ` What one says: npm run merit -- events show ${heads[0].id}` : ''
  }`;
