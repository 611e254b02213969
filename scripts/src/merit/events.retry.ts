/** `events retry`: dead letters and what waits behind them, applied once the cause is gone. */
import { DomainError } from '@merit/chassis/errors';
import type { Graph } from '../graph.client.js';
import { type Call, type Command, misuse } from './command.js';
import { headsOf } from './events.dead.js';
import { holdsUp, type Letter, type Outcome, retryLetter } from './events.line.js';
import {
  askEvents,
  type LetterId,
  letterIdOf,
  oneServiceOf,
  REASON_OPTION,
  reasonOf,
  SERVICE_OPTION,
} from './events.services.js';
import { counted, number, wrapped } from './screen.js';

export const eventsRetry: Command = {
  name: 'events retry',
  parameters: '<id> …',
  summary: 'apply dead letters and what waits behind them, once the cause is gone',
  help: `  --reason <text>   what is different now, for the record
  --service <name> --code <CODE>  instead of ids: every event at fault of this service with this code
Each is tried, whatever became of those before it; one that somebody else has settled meanwhile is done. Ends with 1 when
one failed again, which stays first in its line, or when one could not be tried.`,
  options: { ...SERVICE_OPTION, ...REASON_OPTION, code: { type: 'string' } },
  run,
};

/** A dead letter that could not be tried, and why. */
interface Untried {
  readonly id: string;
  readonly problem: string;
}

async function run(call: Call): Promise<number> {
  const graph = await call.graph();
  const wanted = await lettersOf(call, graph);
  const retried: Outcome[] = [];
  const untried: Untried[] = [];
  let left: readonly Letter[] = [];
  const how = { reason: reasonOf(call), say: (text: string) => (call.json ? undefined : console.error(text)) };
  try {
    for (const letter of wanted) {
      const outcome = await retryLetter(graph, letter, how).catch((error) => problemOf(letter, error));
      if ('problem' in outcome) untried.push(outcome);
      else retried.push(outcome);
      if ('problem' in outcome) how.say(`${outcome.id}: ${outcome.problem}`);
      else if (!call.json) console.log(sentenceOf(outcome));
    }
    left = await leftBy(graph, retried);
  } finally {
    const rest = wanted.slice(retried.length + untried.length).map(nameOf);
    if (call.json) console.log(JSON.stringify({ retried, untried, left, rest }));
    else if (wanted.length === 0) console.log('Nothing is waiting with this code.');
    else for (const line of closing(retried, untried, left, rest)) console.log(line);
  }
  const failed = retried.some(({ stoppedBy }) => stoppedBy);
  return failed || untried.length > 0 || left.length > 0 ? 1 : 0;
}

/** The dead letters that were named, or all at fault with a code. @throws misuse for neither and for both */
async function lettersOf(call: Call, graph: Graph): Promise<readonly LetterId[]> {
  const { code } = call.options;
  if ((code === undefined) === (call.parameters.length === 0)) {
    throw misuse('Say which: events retry performance/17, or events retry --service performance --code FAILED');
  }
  if (code === undefined) return call.parameters.map(letterIdOf);
  const all = { most: Number.POSITIVE_INFINITY, code: String(code) };
  return (await headsOf(graph, oneServiceOf(call), all)).heads.map(({ id }) => letterIdOf(id));
}

const nameOf = ({ service, id }: LetterId): string => `${service}/${id}`;

/** What would meet every other letter just so. */
const OF_ALL = new Set(['FORBIDDEN', 'UNAUTHENTICATED', 'SERVICE_UNAVAILABLE']);

/** Why one could not be tried. @throws what is no fault of this one */
function problemOf(letter: LetterId, error: unknown): Untried {
  if (!(error instanceof DomainError) || OF_ALL.has(error.code)) throw error;
  return { id: nameOf(letter), problem: `${error.code}: ${error.message}` };
}

/** What is at fault now in the lines of those that were settled before: whoever was first may have got no further. */
async function leftBy(graph: Graph, outcomes: readonly Outcome[]): Promise<readonly Letter[]> {
  const named = new Set(outcomes.flatMap(({ stoppedBy }) => stoppedBy?.id ?? []));
  const before = outcomes.filter(({ settledBefore }) => settledBefore).map(({ id }) => letterIdOf(id));
  const left: Letter[] = [];
  for (const service of new Set(before.map((letter) => letter.service))) {
    const lines = new Set<string>();
    for (const letter of before.filter((each) => each.service === service)) {
      lines.add(lineOf(await lineOfLetter(graph, letter)));
    }
    const { heads } = await headsOf(graph, service, { most: Number.POSITIVE_INFINITY });
    left.push(...heads.filter((head) => lines.has(lineOf(head)) && !named.has(head.id)));
  }
  return left.map(({ id, code, message }) => ({ id, code, message }));
}

interface Line {
  readonly topic: string;
  readonly key: string;
}
const lineOf = ({ topic, key }: Line): string => `${topic} ${key}`;

async function lineOfLetter(graph: Graph, { service, id }: LetterId): Promise<Line> {
  const asked = { declared: '$id: ID!', values: { id } };
  return (await askEvents<{ deadLetter: Line }>(graph, service, 'deadLetter(id: $id) { topic key }', asked)).deadLetter;
}

function sentenceOf({ id, applied, stoppedBy, settledBefore }: Outcome): string {
  if (settledBefore && applied === 0) return `${id}: settled already, by somebody else or with another of its key.`;
  const done = `${id}: ${counted(applied, 'event')} applied.`;
  if (stoppedBy) return `${done} ${holdsUp(stoppedBy)}`;
  return settledBefore
    ? `${done} Somebody else went on with the rest of its key.`
    : `${done} Nothing of its key is waiting any more.`;
}

/** All of it in sum: of one alone, everything has been said. */
function closing(
  retried: readonly Outcome[],
  untried: readonly Untried[],
  left: readonly Letter[],
  rest: readonly string[],
): string[] {
  const all = retried.length + untried.length + rest.length;
  const count = (is: (outcome: Outcome) => boolean) => retried.filter(is).length;
  const [before, failed] = [count(({ settledBefore }) => settledBefore), count(({ stoppedBy }) => stoppedBy !== null)];
  const sum = [
    [all - before - failed - untried.length - rest.length, 'retried'],
    [before, 'settled already'],
    [failed, 'failed again'],
    [untried.length, 'could not be tried'],
    [rest.length, 'not come to'],
  ] as const;
  const said = sum.filter(([many]) => many > 0).map(([many, what]) => `${many} ${what}`);
  return [
    ...left.map(({ id, code, message }) => `${id} holds up a key of these: ${wrapped(`${code}: ${message}`, 2)}`),
    ...(all > 1 ? [`\nOf ${number(all)} dead letters: ${said.join(', ')}.`] : []),
  ];
}
