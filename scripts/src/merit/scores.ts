import type { Graph } from '../graph.client.js';
import type { Command } from './command.js';

/** So many people a call: well within the time that a request has. */
const PEOPLE = 250;

export const scoresRebuild: Command = {
  name: 'scores rebuild',
  parameters: '',
  summary: 'compute every score from its facts, replace what differs',
  help: 'Ends with 0 when all scores were as their facts say, with 1 when some differed.',
  run: async ({ graph, json }) => rebuildScores(await graph(), json),
};

interface Rebuilt {
  readonly scores: number;
  readonly different: number;
  readonly next: string | null;
}

/**
 * Computes every score anew from its facts, some people at a time, and says how many were stored otherwise. Such a
 * score was wrong, and is right afterwards.
 * @returns 0 when all scores were as their facts say, 1 when some differed
 */
export async function rebuildScores(graph: Graph, json: boolean): Promise<number> {
  const total = { scores: 0, different: 0 };
  for (let after: string | null = null; ; ) {
    const answer: { rebuildScores: Rebuilt } = await graph.ask(
      'mutation ($input: RebuildScoresInput!) { rebuildScores(input: $input) { scores different next } }',
      { input: { people: PEOPLE, ...(after === null ? {} : { after }) } },
    );
    const { scores, different, next } = answer.rebuildScores;
    total.scores += scores;
    total.different += different;
    if (!json) console.error(`${total.scores} scores computed, ${total.different} of them differed`);
    if (next === null) break;
    after = next;
  }
  console.log(json ? JSON.stringify(total) : summary(total));
  return total.different === 0 ? 0 : 1;
}

const summary = ({ scores, different }: { scores: number; different: number }) =>
  different === 0
    ? `All ${scores} scores are as their facts say.`
    : `${different} of ${scores} scores were stored otherwise, and are replaced.`;
