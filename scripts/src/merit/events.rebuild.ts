/** `events rebuild`: a read model built anew beside the one in use, compared with it, and put in its place. */
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '@merit/chassis/errors';
import { trouble } from '@merit/infra/trouble';
import type { Graph } from '../graph.client.js';
import { nearest } from '../token.nearest.js';
import { type Call, type Command, misuse } from './command.js';
import {
  askEvents,
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
  YES_OPTION,
} from './events.services.js';
import { confirm, counted, cut, number, since, table } from './screen.js';

export const eventsRebuild: Command = {
  name: 'events rebuild',
  parameters: '<read model>',
  summary: 'build a read model anew, compare it, put it in place',
  help: `${SERVICE_HELP}
  --check           compare, say how they differ, and put nothing in its place
  --continue        go on with one that is open, where a command was cut short; it is dropped and begun anew unless told
  --list            those that are open, and who opened them
  --reason <text>   why, for the record
  --yes             put it in its place without asking, where they differ
Traffic goes on meanwhile. Where the two are equal, the one in use stays. Ends with 1 when they differed.`,
  options: {
    ...{ ...SERVICE_OPTION, ...REASON_OPTION, ...YES_OPTION },
    check: { type: 'boolean', default: false },
    continue: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
  run,
};

interface Rebuild {
  readonly id: string;
  readonly model: string;
  readonly state: 'FILLING' | 'READY' | 'FAILED' | 'SWAPPED' | 'DROPPED';
  readonly partitionsDone: number;
  readonly partitions: number;
  readonly aggregates: number | null;
  readonly error: string | null;
  readonly startedAt: string;
  readonly requestedBy: string;
  readonly reason: string;
}
const REBUILD = 'id model state partitionsDone partitions aggregates error startedAt requestedBy reason';
const isOpen = ({ state }: Rebuild): boolean => state !== 'SWAPPED' && state !== 'DROPPED';

interface Difference {
  readonly table: string;
  readonly onlyLive: number;
  readonly onlyRebuilt: number;
  readonly examples: readonly string[];
}

interface Result {
  readonly service: Service;
  readonly aggregates: number | null;
  readonly differences: readonly Difference[];
  readonly swapped: boolean;
}

async function run(call: Call): Promise<number> {
  if (call.options['list'] === true) return list(call);
  const [model, ...more] = call.parameters;
  if (model === undefined || more.length > 0) throw misuse('Say which read model: events rebuild directory');
  const graph = await call.graph();
  const results: Result[] = [];
  for (const service of await keepersOf(graph, call, model)) {
    results.push(await rebuild(call, graph, service, model));
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

async function rebuild(call: Call, graph: Graph, service: Service, model: string): Promise<Result> {
  const reason = reasonOf(call) ?? NO_REASON;
  const say = (text: string) => (call.json ? undefined : console.error(`${service}: ${text}`));
  await open(graph, service, { model, reason, goOn: call.options['continue'] === true }, say);
  const ready = await filled(graph, service, model, say);
  say('comparing …');
  const differences = (await compared(graph, service, model)).filter(
    ({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt > 0,
  );
  const swap = differences.length > 0 && call.options['check'] !== true;
  const result = { service, aggregates: ready.aggregates, differences, swapped: swap };
  if (swap && !call.json) console.log(textOf({ ...result, swapped: false }));
  if (swap)
    await confirm(
      `The ${model} of ${service} that is in use will be replaced.`,
      model,
      call.options['yes'] === true,
    ).catch(async (refused) => {
      await finish(graph, service, { model, swap: false, reason: 'it was not confirmed' });
      throw refused;
    });
  await finish(graph, service, { model, swap, reason });
  return result;
}

const finish = (
  graph: Graph,
  service: Service,
  input: { readonly model: string; readonly swap: boolean; readonly reason: string },
): Promise<unknown> => doWithEvents(graph, service, 'finish*Rebuild', ['FinishRebuildInput', input], 'rebuild { id }');

/**
 * Opens a rebuild. One that is open was left by a command that was cut short: what it has built may be of an older version
 * of the service, so it is dropped unless `goOn`.
 */
async function open(
  graph: Graph,
  service: Service,
  { goOn, ...input }: { model: string; reason: string; goOn: boolean },
  say: (text: string) => void,
) {
  const begin = () => doWithEvents(graph, service, 'rebuild*Model', ['RebuildModelInput', input], 'rebuild { id }');
  await begin().catch(async (error) => {
    if (!(error instanceof DomainError) || error.code !== 'REBUILD_OPEN') throw error;
    const left = (await rebuildsOf(graph, service)).find((each) => each.model === input.model && isOpen(each));
    if (left) say(`${left.requestedBy} opened a rebuild ${since(left.startedAt)} ago: ${left.reason}`);
    if (goOn) return say('goes on with it');
    say('drops it, and begins anew (--continue goes on with it)');
    await finish(graph, service, { model: input.model, swap: false, reason: 'begun anew' });
    await begin();
  });
}

const rebuildsOf = async (graph: Graph, service: Service): Promise<readonly Rebuild[]> =>
  (await askEvents<{ rebuilds: Rebuild[] }>(graph, service, `rebuilds { ${REBUILD} }`)).rebuilds;

/** `--list`: what was opened and neither put in place nor dropped. */
async function list(call: Call): Promise<number> {
  noParameters(call);
  const graph = await call.graph();
  const asked = servicesOf(call).map(async (service) =>
    (await rebuildsOf(graph, service)).filter(isOpen).map((each) => ({ service, ...each })),
  );
  const open = (await Promise.all(asked)).flat();
  const rows = open.map((each) => [
    ...[each.service, each.model, each.state],
    ...[`${since(each.startedAt)} ago`, each.requestedBy, each.reason],
  ]);
  if (call.json) console.log(JSON.stringify({ open }));
  else if (open.length === 0) console.log('No rebuild is open.');
  else console.log(table([['service', 'read model', 'state', 'opened', 'by', 'why'], ...rows]));
  return 0;
}

const LOOK_MS = 1_000;

/** The rebuild once it is complete. @throws Trouble when it failed */
async function filled(graph: Graph, service: Service, model: string, say: (text: string) => void): Promise<Rebuild> {
  for (let told = ''; ; ) {
    const found = (await rebuildsOf(graph, service)).find((each) => each.model === model);
    if (found?.state === 'READY') return found;
    if (found?.state !== 'FILLING') {
      throw trouble(
        `The rebuild of ${model} in ${service} is ${found?.state ?? 'gone'}: ${found?.error ?? 'ask again'}`,
      );
    }
    await refuseIncomplete(graph, service, found, model);
    const done = `${counted(found.aggregates ?? 0, 'aggregate')}, ${found.partitionsDone} of ${found.partitions} partitions complete`;
    if (done !== told) say(`${done} …`);
    told = done;
    await pause(LOOK_MS);
  }
}

/** How the two differ: of large ones, it is asked for until it is known. */
async function compared(graph: Graph, service: Service, model: string): Promise<readonly Difference[]> {
  for (;;) {
    try {
      const { rebuildDifferences } = await askEvents<{ rebuildDifferences: Difference[] }>(
        graph,
        service,
        'rebuildDifferences(model: $model) { table onlyLive onlyRebuilt examples }',
        { declared: '$model: String!', values: { model } },
      );
      return rebuildDifferences;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'REBUILD_COMPARING') throw error;
    }
  }
}

/** A snapshot that lacks something never ends, and what is built from it neither. @throws Trouble, and drops the rebuild */
async function refuseIncomplete(graph: Graph, service: Service, { id }: Rebuild, model: string): Promise<void> {
  for (const publisher of SERVICES) {
    const { snapshots } = await askEvents<{ snapshots: { id: string; tooLarge: number; endedAt: string | null }[] }>(
      graph,
      publisher,
      'snapshots { id tooLarge endedAt }',
    );
    const run = snapshots.find((each) => each.id === id);
    if (!run?.endedAt || run.tooLarge === 0) continue;
    const reason = `${counted(run.tooLarge, 'aggregate')} of ${publisher} did not fit into a record`;
    await finish(graph, service, { model, swap: false, reason });
    throw trouble(`The rebuild of ${model} in ${service} was dropped: ${reason}. The log of ${publisher} names them.`);
  }
}

function textOf({ service, aggregates, differences, swapped }: Result): string {
  const of = aggregates === null ? '' : ` (${counted(aggregates, 'aggregate')})`;
  if (differences.length === 0)
    return `${service}: built anew${of}, and equal in every row to the one in use, which stays.`;
  const rows = differences.map((each) => [each.table, number(each.onlyLive), number(each.onlyRebuilt)]);
  const listed = table([['table', 'only in use', 'only anew'], ...rows]);
  const examples = differences.flatMap((each) =>
    each.examples.slice(0, 3).map((row) => cut(`  ${each.table}  ${row}`)),
  );
  const outcome = swapped ? `\n${service}: what was built anew is in use now.` : '';
  return swapped ? outcome.trim() : [`${service}: built anew${of}, and different:`, listed, ...examples].join('\n');
}
