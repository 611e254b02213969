/** `scores rebuild` and `ledgers rebuild`: what was computed is compared with what it rests on, and replaced where it differs. */
import { randomUUID } from 'node:crypto';
import type { Graph } from '../graph.client.js';
import type { Call, Command } from './command.js';
import { NO_REASON, noParameters, REASON_OPTION, reasonOf, YES_OPTION } from './events.services.js';
import { confirm, number, table } from './screen.js';

/** So many people a call: well within the time that a request has. */
const PEOPLE = 250;
const MOST_SHOWN = 50;

const OPTIONS = { ...REASON_OPTION, ...YES_OPTION, check: { type: 'boolean', default: false } } as const;
const help = (what: string) => `  --check           compare, say whose differ, and replace nothing
  --reason <text>   why, for the record
  --yes             replace those that differ without asking
Traffic goes on meanwhile. Ends with 0 when all ${what} were as they should be, with 1 when some differed.`;

export const scoresRebuild: Command = {
  name: 'scores rebuild',
  parameters: '',
  summary: 'compute every score from its facts, replace what differs',
  help: help('scores'),
  options: OPTIONS,
  run: (call) =>
    run(call, {
      ...{ what: 'scores', basis: 'their facts', mutation: 'rebuildScores', input: 'RebuildScoresInput' },
      shown: ['live', 'anew'],
    }),
};

export const ledgersRebuild: Command = {
  name: 'ledgers rebuild',
  parameters: '',
  summary: 'count all hours from the trainings, replace what differs',
  help: help('ledgers'),
  options: OPTIONS,
  run: (call) =>
    run(call, {
      ...{ what: 'ledgers', basis: 'the trainings', mutation: 'rebuildLedgers', input: 'RebuildLedgersInput' },
      shown: ['live', 'anew', 'liveEntitlement', 'anewEntitlement'],
    }),
};

/** What is rebuilt, in words and in the graph. */
interface Kind {
  /** Also the field that says how many were computed. */
  readonly what: 'scores' | 'ledgers';
  readonly basis: string;
  readonly mutation: string;
  readonly input: string;
  /** The figures of a difference. */
  readonly shown: readonly string[];
}

interface Difference {
  readonly employeeId: string;
  readonly year: number;
  readonly [figure: string]: string | number | null;
}
interface Pass {
  readonly computed: number;
  readonly different: number;
  readonly differences: readonly Difference[];
}

async function run(call: Call, kind: Kind): Promise<number> {
  noParameters(call);
  const graph = await call.graph();
  const say = (text: string) => (call.json ? undefined : console.error(text));
  const found = await passOf(graph, kind, { check: true }, say);
  const differs = found.different > 0;
  const replace = differs && call.options['check'] !== true;
  if (!call.json) console.log(textOf(found, kind));
  if (replace)
    await confirm(`They will be replaced by what ${kind.basis} say.`, kind.what, call.options['yes'] === true);
  const done = replace ? await passOf(graph, kind, { reason: reasonOf(call) ?? NO_REASON }, say) : null;
  const { computed, ...rest } = found;
  if (call.json) console.log(JSON.stringify({ [kind.what]: computed, ...rest, replaced: done?.different ?? 0 }));
  else if (done) console.log(`${number(done.different)} replaced.`);
  return differs ? 1 : 0;
}

/** Goes through everyone, some people at a time. */
async function passOf(
  graph: Graph,
  { what, mutation, input: type, shown }: Kind,
  input: object,
  say: (text: string) => void,
): Promise<Pass> {
  const total = { computed: 0, different: 0, differences: [] as Difference[] };
  for (let after: string | null = null; ; ) {
    const answer: { part: Pass & { readonly next: string | null } } = await graph.ask(
      `mutation ($input: ${type}!) { part: ${mutation}(input: $input) {
        computed: ${what} different differences { employeeId year ${shown.join(' ')} } next } }`,
      { input: { ...input, people: PEOPLE, ...(after === null ? {} : { after }), idempotencyKey: randomUUID() } },
    );
    const { computed, different, differences, next } = answer.part;
    total.computed += computed;
    total.different += different;
    total.differences.push(...differences);
    say(`${number(total.computed)} ${what} computed, ${number(total.different)} of them differed`);
    if (next === null) return total;
    after = next;
  }
}

/** Whose differ, by their ids: a name is no business of this. */
function textOf({ computed, different, differences }: Pass, { what, basis, shown }: Kind): string {
  if (different === 0) return `All ${number(computed)} ${what} are as ${basis} say.`;
  const first = differences.slice(0, MOST_SHOWN);
  const rows = first.map((each) => [each.employeeId, String(each.year), ...shown.map((name) => figure(each[name]))]);
  const more = different > first.length ? `\nThese are the first ${number(first.length)} (--json gives all).` : '';
  const header = ['person', 'year', ...shown.map((name) => name.replace('E', ' e'))];
  return `${number(different)} of ${number(computed)} ${what} are otherwise than ${basis} say:\n${table([header, ...rows])}${more}`;
}

const figure = (value: unknown): string => (typeof value === 'number' ? value.toFixed(2) : 'none');
