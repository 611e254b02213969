/** `events audit`: what people did with events. */
import type { Call, Command } from './command.js';
import { askEvents, fromEach, noParameters, SERVICE_HELP, SERVICE_OPTION, servicesOf } from './events.services.js';
import { table } from './screen.js';

export const eventsAudit: Command = {
  name: 'events audit',
  parameters: '',
  summary: 'who did what with events, when, why, and what came of it',
  help: `${SERVICE_HELP}\nThe latest 50 of each service. With --json whole, with what each gave or why it failed.`,
  options: SERVICE_OPTION,
  run,
};

interface Entry {
  readonly action: string;
  readonly target: string;
  readonly doneBy: string;
  readonly reason: string | null;
  readonly beganAt: string;
  readonly outcome: string | null;
  readonly detail: string | null;
}

const SELECTION = `audit(first: 50) { edges { node { action target doneBy reason beganAt outcome detail } } }`;

async function run(call: Call): Promise<number> {
  noParameters(call);
  const graph = await call.graph();
  const found = await fromEach(servicesOf(call), (service) =>
    askEvents<{ audit: { edges: { node: Entry }[] } }>(graph, service, SELECTION),
  );
  const entries = found
    .flatMap(({ service, answer }) => (answer?.audit.edges ?? []).map(({ node }) => ({ service, ...node })))
    .sort((a, b) => (a.beganAt < b.beganAt ? 1 : -1));
  const silent = found.filter(({ answer }) => answer === null);
  if (call.json) console.log(JSON.stringify({ entries, silent: silent.map(({ service }) => service) }));
  else {
    for (const { service, problem } of silent) console.log(`${service} does not answer: ${problem}`);
    console.log(entries.length > 0 ? listOf(entries) : 'Nobody has done anything with events.');
  }
  return silent.length > 0 ? 1 : 0;
}

const listOf = (entries: readonly (Entry & { service: string })[]): string =>
  table([
    ['when (UTC)', 'service', 'what', 'to what', 'by', 'outcome', 'why'],
    ...entries.map((entry) => [
      entry.beganAt.slice(0, 16).replace('T', ' '),
      entry.service,
      entry.action,
      entry.target.length > 24 ? `${entry.target.slice(0, 23)}…` : entry.target,
      entry.doneBy.replace(/^(\w+\/.{8}).*(-.*){3,}$/, '$1…'),
      (entry.outcome ?? 'open').toLowerCase(),
      entry.reason ?? '',
    ]),
  ]);
