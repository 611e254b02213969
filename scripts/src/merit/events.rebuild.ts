/** `events rebuild`: a read model built anew beside the one in use, compared with it, and put in its place. */
import { trouble } from '@merit/infra/trouble';
import type { Graph } from '../graph.client.js';
import { nearest } from '../token.nearest.js';
import { type Call, type Command, misuse } from './command.js';
import { listRebuilds } from './events.rebuild.list.js';
import { begin, compared, type Difference, filled, finish, type Kept, type Rebuild } from './events.rebuild.steps.js';
import {
  askEvents,
  NO_REASON,
  REASON_OPTION,
  reasonOf,
  SERVICE_HELP,
  SERVICE_OPTION,
  type Service,
  servicesOf,
  YES_OPTION,
} from './events.services.js';
import { confirm, counted, cut, number, since, table } from './screen.js';

export const eventsRebuild: Command = {
  name: 'events rebuild',
  parameters: '<read model>',
  summary: 'build a read model anew, compare it, put it in place',
  help: `${SERVICE_HELP}
  --check           compare, say how they differ, and put nothing in its place
  --continue        go on with one that is open; with --check it stays open
  --list            those that are open, and who opened them
  --reason <text>   why, for the record
  --yes             without asking: drops one that is open, puts what was built in its place where they differ
Traffic goes on meanwhile. Where the two are equal, the one in use stays. Ends with 1 when they differed.`,
  options: {
    ...{ ...SERVICE_OPTION, ...REASON_OPTION, ...YES_OPTION },
    check: { type: 'boolean', default: false },
    continue: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
  run,
};

interface Result {
  readonly service: Service;
  readonly aggregates: number | null;
  readonly differences: readonly Difference[];
  readonly swapped: boolean;
}

async function run(call: Call): Promise<number> {
  if (call.options['list'] === true) return listRebuilds(call);
  const [model, ...more] = call.parameters;
  if (model === undefined || more.length > 0) throw misuse('Say which read model: events rebuild directory');
  const graph = await call.graph();
  const results: Result[] = [];
  for (const service of await keepersOf(graph, call, model)) {
    results.push(await rebuild(call, graph, { service, model }));
    if (!call.json) console.log(textOf(results.at(-1)!));
  }
  if (call.json) console.log(JSON.stringify({ model, services: results }));
  return results.some(({ differences }) => differences.length > 0) ? 1 : 0;
}

/** The services that keep the model. @throws misuse, naming the models there are */
async function keepersOf(graph: Graph, call: Call, model: string): Promise<readonly Service[]> {
  const asked = servicesOf(call).map(async (service) => {
    const { models } = await askEvents<{ models: string[] }>(graph, service, 'models');
    return { service, models };
  });
  const all = await Promise.all(asked);
  const keepers = all.filter(({ models }) => models.includes(model)).map(({ service }) => service);
  if (keepers.length > 0) return keepers;
  const known = [...new Set(all.flatMap(({ models }) => models))];
  const near = nearest(model, known);
  throw misuse(
    `There is no read model "${model}": ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${known.join(', ') || 'none'}.`}`,
  );
}

async function rebuild(call: Call, graph: Graph, kept: Kept): Promise<Result> {
  const { service, model } = kept;
  const reason = reasonOf(call) ?? NO_REASON;
  const isCheck = call.options['check'] === true;
  const say = (text: string) => (call.json ? undefined : console.error(`${service}: ${text}`));
  const { id, isMine } = await open(call, graph, kept, { reason, say });
  /** What this command has opened is not left behind; what was there before is its owner's. */
  const leave = (why: string) => (isMine ? finish(graph, kept, { id, swap: false, reason: why }) : Promise.resolve());
  const ready = await filled(graph, kept, id, say);
  if ('never' in ready) {
    await finish(graph, kept, { id, swap: false, reason: ready.never }); // of no use to anybody
    throw trouble(`The rebuild of ${model} in ${service} was dropped: ${ready.never}.`);
  }
  say('comparing …');
  const differences = await compared(graph, kept, id);
  const swap = differences.length > 0 && !isCheck;
  const result = { service, aggregates: ready.aggregates, differences, swapped: swap };
  if (swap && !call.json) console.log(textOf({ ...result, swapped: false }));
  if (swap)
    await confirm(
      `The ${model} of ${service} that is in use will be replaced.`,
      model,
      call.options['yes'] === true,
    ).catch(async (refused) => {
      await leave('it was not confirmed');
      throw refused;
    });
  if (isCheck) await leave(reason);
  else await finish(graph, kept, { id, swap, reason });
  return result;
}

/**
 * Opens a rebuild, or goes on with one that is open where that is wanted. Whose it is cannot be told, for many may be one
 * operator: somebody may be looking at its differences, so it is dropped when a person says so and never by `--check`.
 */
async function open(
  call: Call,
  graph: Graph,
  kept: Kept,
  { reason, say }: { readonly reason: string; readonly say: (text: string) => void },
): Promise<{ readonly id: string; readonly isMine: boolean }> {
  const begun = await begin(graph, kept, reason);
  if (typeof begun === 'string') return { id: begun, isMine: true };
  const whose = opened(begun);
  if (call.options['continue'] === true) {
    say(`${whose}; goes on with it`);
    return { id: begun.id, isMine: false };
  }
  const { service, model } = kept;
  if (call.options['check'] === true) {
    const choice =
      'Add --continue to compare that one; it stays open. Without --check you are asked whether to drop it.';
    throw misuse(`${service}: ${whose}.\n${choice}`);
  }
  const lost = `${service}: ${whose}.\nIt will be dropped, also for whoever is looking at it now; --continue goes on with it instead.`;
  await confirm(lost, model, call.options['yes'] === true);
  say(`${whose}; drops it, and begins anew`);
  await finish(graph, kept, { id: begun.id, swap: false, reason: 'begun anew' });
  const again = await begin(graph, kept, reason);
  if (typeof again === 'string') return { id: again, isMine: true };
  throw misuse(`${service}: ${opened(again)}, just before you. Ask them, or go on with it (--continue).`);
}

const opened = ({ requestedBy, startedAt, now, reason }: Rebuild): string =>
  `${requestedBy} opened a rebuild ${since(startedAt, now)} ago: ${reason}`;

function textOf({ service, aggregates, differences, swapped }: Result): string {
  const of = aggregates === null ? '' : ` (${counted(aggregates, 'aggregate')})`;
  if (differences.length === 0)
    return `${service}: built anew${of}, and equal in every row to the one in use, which stays.`;
  const rows = differences.map((each) => [each.table, number(each.onlyLive), number(each.onlyRebuilt)]);
  const listed = table([['table', 'only in use', 'only anew'], ...rows]);
  const examples = differences.flatMap((each) =>
    each.examples.slice(0, 3).map((row) => cut(`  ${each.table}  ${row}`)),
  );
  if (swapped) return `${service}: what was built anew is in use now.`;
  return [`${service}: built anew${of}, and different:`, listed, ...examples].join('\n');
}
