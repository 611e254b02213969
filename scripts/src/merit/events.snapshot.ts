/** `events snapshot` and `events timeline`: a publisher tells anew where everything stands. */
import { setTimeout as pause } from 'node:timers/promises';
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
  servicesOf,
  YES_OPTION,
} from './events.services.js';
import { confirm, counted, table } from './screen.js';

export const eventsSnapshot: Command = {
  name: 'events snapshot',
  parameters: '',
  summary: 'publish where all aggregates of a service stand',
  help: `  --service <name>  whose; needed
  --reason <text>   why, for the record
  --no-wait         ask for it, and do not wait`,
  options: { ...SERVICE_OPTION, ...REASON_OPTION, 'no-wait': { type: 'boolean', default: false } },
  run: snapshot,
};

export const eventsTimeline: Command = {
  name: 'events timeline',
  parameters: '[raise]',
  summary: 'the publishers’ histories; raise: a database was restored',
  help: `${SERVICE_HELP}
  --reason <text>   with raise: which backup was restored; needed
  --yes             with raise: without asking
raise is for one thing only: the database of --service was restored from a backup, so that numbers which its events had
before stand for others now. Readers then take a snapshot of it, and forget what it does not tell.`,
  options: { ...SERVICE_OPTION, ...REASON_OPTION, ...YES_OPTION },
  run: timeline,
};

interface Run {
  readonly id: string;
  readonly aggregates: number;
  readonly tooLarge: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}
const RUN = 'id aggregates tooLarge startedAt endedAt';

async function snapshot(call: Call): Promise<number> {
  noParameters(call);
  const service = oneServiceOf(call);
  const graph = await call.graph();
  const input = ['SnapshotEventsInput', { reason: reasonOf(call) ?? NO_REASON }] as const;
  const asked = await doWithEvents<{ snapshot: Run }>(graph, service, 'snapshot*Events', input, `snapshot { ${RUN} }`);
  const run = call.options['no-wait'] ? asked.snapshot : await ended(graph, service, asked.snapshot, call.json);
  if (call.json) console.log(JSON.stringify({ snapshot: run }));
  else if (run.endedAt === null) console.log(`${service} will tell where everything stands (snapshot ${run.id}).`);
  else console.log(`${service} has told where ${counted(run.aggregates, 'aggregate')} stand (snapshot ${run.id}).`);
  if (run.tooLarge === 0) return 0;
  console.error(
    `${counted(run.tooLarge, 'aggregate')} did not fit into a record: the snapshot is not complete, and no rebuild can rest on it. ` +
      `The log of ${service} names them.`,
  );
  return 1;
}

const LOOK_MS = 1_000;

/** The run once it has ended; how far it is, a line whenever that has changed. Ctrl-C ends the waiting, not the run. */
async function ended(graph: Graph, service: Service, asked: Run, quiet: boolean): Promise<Run> {
  for (let [run, told] = [asked, -1]; ; ) {
    if (run.endedAt !== null) return run;
    if (!quiet && run.aggregates !== told) {
      console.error(
        run.startedAt === null ? 'waiting for its turn …' : `${counted(run.aggregates, 'aggregate')} told …`,
      );
    }
    told = run.aggregates;
    await pause(LOOK_MS);
    const { snapshots } = await askEvents<{ snapshots: Run[] }>(graph, service, `snapshots { ${RUN} }`);
    run = snapshots.find(({ id }) => id === run.id) ?? run;
  }
}

async function timeline(call: Call): Promise<number> {
  const [verb, ...more] = call.parameters;
  if (verb === 'raise' && more.length === 0) return raise(call);
  if (verb !== undefined)
    throw misuse(`"${call.parameters.join(' ')}" is nothing that can be done to a timeline: raise is.`);
  const graph = await call.graph();
  const found = await fromEach(servicesOf(call), (service) =>
    askEvents<{ timeline: number }>(graph, service, 'timeline'),
  );
  if (call.json)
    console.log(
      JSON.stringify(Object.fromEntries(found.map(({ service, answer }) => [service, answer?.timeline ?? null]))),
    );
  else {
    const rows = found.map(({ service, answer, problem }) => [
      service,
      answer ? String(answer.timeline) : `does not answer: ${problem}`,
    ]);
    console.log(table([['service', 'timeline'], ...rows]));
  }
  return found.some(({ answer }) => answer === null) ? 1 : 0;
}

async function raise(call: Call): Promise<number> {
  const service = oneServiceOf(call);
  const reason = reasonOf(call);
  if (reason === undefined) throw misuse('Say which backup was restored: --reason "…"');
  const lost = `Readers will forget what ${service} told them and its restored database does not know.`;
  await confirm(lost, service, call.options['yes'] === true);
  const graph = await call.graph();
  const input = ['RaiseTimelineInput', { reason }] as const;
  const raised = await doWithEvents<{ timeline: number }>(graph, service, 'raise*Timeline', input, 'timeline');
  console.log(
    call.json
      ? JSON.stringify(raised)
      : `${service} is in timeline ${raised.timeline} now, and tells where everything stands (events lag shows the readers).`,
  );
  return 0;
}
