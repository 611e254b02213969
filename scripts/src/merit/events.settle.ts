/** `events retry` and `events discard`: the two ways out for a dead letter. */
import type { Graph } from '../graph.client.js';
import { type Call, type Command, misuse } from './command.js';
import { headsOf } from './events.dead.js';
import {
  doWithEvents,
  type LetterId,
  letterIdOf,
  oneServiceOf,
  REASON_OPTION,
  reasonOf,
  SERVICE_OPTION,
  YES_OPTION,
} from './events.services.js';
import { confirm, counted, number, wrapped } from './screen.js';

export const eventsRetry: Command = {
  name: 'events retry',
  parameters: '<id> …',
  summary: 'apply dead letters and what waits behind them, once the cause is gone',
  help: `  --reason <text>   what is different now, for the record
  --service <name> --code <CODE>  instead of ids: every event at fault of this service with this code
Ends with 1 when one failed again; that one stays first in its line.`,
  options: { ...SERVICE_OPTION, ...REASON_OPTION, code: { type: 'string' } },
  run: retry,
};

export const eventsDiscard: Command = {
  name: 'events discard',
  parameters: '<id>',
  summary: 'leave a dead letter out for good, and apply what waits behind it',
  help: `  --reason <text>   why it may be left out, for the record; needed
  --yes             without asking
What the event would have done never happens in this service. Ends with 1 when an event behind it failed.`,
  options: { ...REASON_OPTION, ...YES_OPTION },
  run: discard,
};

interface Letter {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}
/** What one call did. */
interface Settled {
  readonly applied: number;
  readonly waiting: number;
  readonly stoppedBy: Letter | null;
  readonly next: Letter | null;
}
const SELECTION = 'applied waiting stoppedBy { id code message } next { id code message }';

/** What became of a dead letter and its line. */
interface Outcome {
  readonly id: string;
  readonly applied: number;
  /** The event that failed, with its service. */
  readonly stoppedBy: Letter | null;
}

async function retry(call: Call): Promise<number> {
  const graph = await call.graph();
  const reason = reasonOf(call);
  const outcomes: Outcome[] = [];
  for (const letter of await wanted(call, graph)) {
    const input = { id: letter.id, ...(reason === undefined ? {} : { reason }) };
    const done = await doWithEvents<Settled>(
      graph,
      letter.service,
      'retry*DeadLetter',
      ['RetryDeadLetterInput', input],
      SELECTION,
    );
    outcomes.push(await rest(graph, letter, done, { reason, quiet: call.json }));
    if (!call.json) console.log(sentenceOf(outcomes.at(-1)!));
  }
  if (call.json) console.log(JSON.stringify({ retried: outcomes }));
  else if (outcomes.length === 0) console.log('Nothing is waiting with this code.');
  return outcomes.some(({ stoppedBy }) => stoppedBy) ? 1 : 0;
}

/** The dead letters that were named, or all at fault with a code. @throws misuse for neither and for both */
async function wanted(call: Call, graph: Graph): Promise<readonly LetterId[]> {
  const { code } = call.options;
  if ((code === undefined) === (call.parameters.length === 0)) {
    throw misuse('Say which: events retry performance/17, or events retry --service performance --code FAILED');
  }
  if (code === undefined) return call.parameters.map(letterIdOf);
  const all = { most: Number.POSITIVE_INFINITY, code: String(code) };
  return (await headsOf(graph, oneServiceOf(call), all)).heads.map(({ id }) => letterIdOf(id));
}

async function discard(call: Call): Promise<number> {
  const [text, ...more] = call.parameters;
  if (text === undefined || more.length > 0) throw misuse('Say which one: events discard performance/17 --reason …');
  const letter = letterIdOf(text);
  const reason = reasonOf(call);
  if (reason === undefined) throw misuse('Say why it may be left out: --reason "…"');
  const lost = `What ${text} would have done never happens in ${letter.service}: it cannot be taken back.`;
  await confirm(lost, text, call.options['yes'] === true);
  const graph = await call.graph();
  const input = { id: letter.id, reason };
  const done = await doWithEvents<Settled>(
    graph,
    letter.service,
    'discard*DeadLetter',
    ['DiscardDeadLetterInput', input],
    SELECTION,
  );
  const outcome = await rest(graph, letter, done, { reason, quiet: call.json });
  console.log(call.json ? JSON.stringify({ discarded: outcome }) : `${text} is left out. ${behindIt(outcome)}`);
  return outcome.stoppedBy ? 1 : 0;
}

/** Goes on until the line is empty or one fails: a call does no more than fits into a request. */
async function rest(
  graph: Graph,
  { service, id }: LetterId,
  first: Settled,
  { reason, quiet }: { readonly reason: string | undefined; readonly quiet: boolean },
): Promise<Outcome> {
  let applied = first.applied;
  for (let done = first; ; applied += done.applied) {
    const stoppedBy = done.stoppedBy && { ...done.stoppedBy, id: `${service}/${done.stoppedBy.id}` };
    if (stoppedBy || done.next === null) return { id: `${service}/${id}`, applied, stoppedBy };
    if (!quiet) console.error(`${counted(applied, 'event')} applied, ${number(done.waiting)} to go …`);
    const input = { id: done.next.id, ...(reason === undefined ? {} : { reason }) };
    done = await doWithEvents<Settled>(graph, service, 'retry*DeadLetter', ['RetryDeadLetterInput', input], SELECTION);
  }
}

const failed = ({ id, code, message }: Letter): string =>
  `${id} failed and holds up its key now:\n  ${wrapped(`${code}: ${message}`, 2)}`;

const sentenceOf = ({ id, applied, stoppedBy }: Outcome): string =>
  stoppedBy
    ? `${id}: ${counted(applied, 'event')} applied. ${failed(stoppedBy)}`
    : `${id}: ${counted(applied, 'event')} applied. Nothing of its key is waiting any more.`;

const behindIt = ({ applied, stoppedBy }: Outcome): string =>
  stoppedBy
    ? `${counted(applied, 'event')} behind it applied. ${failed(stoppedBy)}`
    : `${counted(applied, 'event')} behind it applied, and nothing of its key is waiting any more.`;
