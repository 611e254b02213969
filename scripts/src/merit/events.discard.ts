/** `events discard`: a dead letter left out for good. */
import { type Call, type Command, misuse } from './command.js';
import { discardLetter, holdsUp, type Outcome } from './events.line.js';
import { letterIdOf, REASON_OPTION, reasonOf, YES_OPTION } from './events.services.js';
import { confirm, counted } from './screen.js';

export const eventsDiscard: Command = {
  name: 'events discard',
  parameters: '<id>',
  summary: 'leave a dead letter out for good, and apply what waits behind it',
  help: `  --reason <text>   why it may be left out, for the record; needed
  --yes             without asking
What the event would have done never happens in this service. Ends with 1 when an event behind it failed.`,
  options: { ...REASON_OPTION, ...YES_OPTION },
  run,
};

async function run(call: Call): Promise<number> {
  const [text, ...more] = call.parameters;
  if (text === undefined || more.length > 0) throw misuse('Say which one: events discard performance/17 --reason …');
  const letter = letterIdOf(text);
  const reason = reasonOf(call);
  if (reason === undefined) throw misuse('Say why it may be left out: --reason "…"');
  const lost = `What ${text} would have done never happens in ${letter.service}: it cannot be taken back.`;
  await confirm(lost, text, call.options['yes'] === true);
  const say = (line: string) => (call.json ? undefined : console.error(line));
  const outcome = await discardLetter(await call.graph(), letter, { reason, say });
  console.log(call.json ? JSON.stringify({ discarded: outcome }) : `${text} is left out. ${behindIt(outcome)}`);
  return outcome.stoppedBy ? 1 : 0;
}

function behindIt({ applied, stoppedBy, settledBefore }: Outcome): string {
  const done = `${counted(applied, 'event')} behind it applied`;
  if (stoppedBy) return `${done}. ${holdsUp(stoppedBy)}`;
  return settledBefore
    ? `${done}, and somebody else went on with the rest meanwhile.`
    : `${done}, and nothing of its key is waiting any more.`;
}
