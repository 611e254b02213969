/** `scores rebuild`: scores compared with what their facts say, and replaced where they differ. */
import { randomUUID } from 'node:crypto';
import type { Graph } from '../graph.client.js';
import type { Call, Command } from './command.js';
import { NO_REASON, noParameters, REASON_OPTION, reasonOf, YES_OPTION } from './events.services.js';
import { confirm, counted, number, table } from './screen.js';

/** So many people a call: well within the time that a request has. */
const PEOPLE = 250;
const MOST_SHOWN = 50;

export const scoresRebuild: Command = {
  name: 'scores rebuild',
  parameters: '',
  summary: 'compute every score from its facts, replace what differs',
  help: `  --check           compare, say whose differ, and replace nothing
  --reason <text>   why, for the record
  --yes             replace those that differ without asking
Traffic goes on meanwhile. Ends with 0 when all scores were as their facts say, with 1 when some differed.`,
  options: { ...REASON_OPTION, ...YES_OPTION, check: { type: 'boolean', default: false } },
  run,
};

interface Difference {
  readonly employeeId: string;
  readonly year: number;
  readonly live: number | null;
  readonly anew: number | null;
}
interface Pass {
  readonly scores: number;
  readonly different: number;
  readonly differences: readonly Difference[];
}

async function run(call: Call): Promise<number> {
  noParameters(call);
  const graph = await call.graph();
  const say = (text: string) => (call.json ? undefined : console.error(text));
  const found = await passOf(graph, { check: true }, say);
  const differs = found.different > 0;
  const replace = differs && call.options['check'] !== true;
  if (!call.json) console.log(textOf(found));
  if (replace) await confirm('They will be replaced by what their facts say.', 'scores', call.options['yes'] === true);
  const done = replace ? await passOf(graph, { reason: reasonOf(call) ?? NO_REASON }, say) : null;
  if (call.json) console.log(JSON.stringify({ ...found, replaced: done?.different ?? 0 }));
  else if (done) console.log(`${counted(done.different, 'score')} replaced.`);
  return differs ? 1 : 0;
}

/** Goes through everyone, some people at a time. */
async function passOf(graph: Graph, input: object, say: (text: string) => void): Promise<Pass> {
  const total = { scores: 0, different: 0, differences: [] as Difference[] };
  for (let after: string | null = null; ; ) {
    const answer: { part: Pass & { readonly next: string | null } } = await graph.ask(
      `mutation ($input: RebuildScoresInput!) { part: rebuildScores(input: $input) {
        scores different differences { employeeId year live anew } next } }`,
      { input: { ...input, people: PEOPLE, ...(after === null ? {} : { after }), idempotencyKey: randomUUID() } },
    );
    const { scores, different, differences, next } = answer.part;
    total.scores += scores;
    total.different += different;
    total.differences.push(...differences);
    say(`${number(total.scores)} scores computed, ${number(total.different)} of them differed`);
    if (next === null) return total;
    after = next;
  }
}

/** Whose differ, by their ids: a name is no business of this. */
function textOf({ scores, different, differences }: Pass): string {
  if (different === 0) return `All ${number(scores)} scores are as their facts say.`;
  const shown = differences.slice(0, MOST_SHOWN);
  const rows = shown.map(({ employeeId, year, live, anew }) => [
    employeeId,
    String(year),
    valueOf(live),
    valueOf(anew),
  ]);
  const more = different > shown.length ? `\nThese are the first ${number(shown.length)} (--json gives all).` : '';
  return `${number(different)} of ${number(scores)} scores are stored otherwise than their facts say:
${table([['person', 'year', 'live', 'anew'], ...rows])}${more}`;
}

const valueOf = (value: number | null): string => (value === null ? 'none' : value.toFixed(2));
