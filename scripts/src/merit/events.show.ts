/** `events show`: one dead letter, with all that is needed to decide about it. */
import { type Call, type Command, misuse } from './command.js';
import { askEvents, letterIdOf } from './events.services.js';
import { counted, cut, shortType, since, wrapped } from './screen.js';

export const eventsShow: Command = {
  name: 'events show',
  parameters: '<id>',
  summary: 'one dead letter: why, what it says, what waits behind it',
  help: '<id> is the service and the number, such as performance/17. Ends with 1 when there is no such dead letter.',
  run,
};

interface Shown {
  readonly id: string;
  readonly type: string | null;
  readonly subject: string | null;
  readonly sequence: number | null;
  readonly key: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly headers: readonly { name: string; value: string }[];
  readonly payload: { bytes: number; json: string | null; problem: string | null; hex: string | null };
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly parkedAt: string;
  readonly state: string;
  readonly settledAt: string | null;
  readonly settledBy: string | null;
  readonly settledReason: string | null;
  readonly waitsFor: string | null;
  readonly waitingBehind: number;
  readonly behind: readonly { id: string; type: string | null; sequence: number | null }[];
}

const SELECTION = `now deadLetter(id: $id) { id type subject sequence key topic partition offset headers { name value }
  payload { bytes json problem hex } code message attempts parkedAt state settledAt settledBy settledReason
  waitsFor waitingBehind behind { id type sequence } }`;

async function run(call: Call): Promise<number> {
  const [text, ...rest] = call.parameters;
  if (text === undefined || rest.length > 0) throw misuse('Say which one: events show performance/17');
  const { service, id } = letterIdOf(text);
  const { now, deadLetter } = await askEvents<{ now: string; deadLetter: Shown | null }>(
    await call.graph(),
    service,
    SELECTION,
    {
      declared: '$id: ID!',
      values: { id },
    },
  );
  if (call.json) console.log(JSON.stringify(deadLetter && { ...deadLetter, id: text }));
  else console.log(deadLetter ? textOf(service, deadLetter, now) : `There is no dead letter ${text}.`);
  return deadLetter ? 0 : 1;
}

function textOf(service: string, letter: Shown, now: string): string {
  const line = (name: string, value: string) => `${name.padEnd(12)}${wrapped(value, 12)}`;
  return [
    line('dead letter', `${service}/${letter.id}, ${stateOf(service, letter)}`),
    line('why', `${letter.code}: ${letter.message}`),
    line(
      'tried',
      `${counted(letter.attempts, 'time')}; set aside ${since(letter.parkedAt, now)} ago, ${letter.parkedAt}`,
    ),
    line(
      'event',
      `${letter.type ?? '(no type)'}, number ${letter.sequence ?? '?'} of ${letter.subject ?? '(no subject)'}`,
    ),
    line('key', letter.key),
    line('read at', `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`),
    line('behind it', behindOf(service, letter)),
    ...letter.behind.map((each) =>
      cut(`            ${service}/${each.id}  ${shortType(each.type)} ${each.sequence ?? ''}`),
    ),
    '',
    'headers',
    ...letter.headers.map(({ name, value }) => cut(`  ${name.padEnd(18)}${value}`)),
    '',
    ...payloadOf(letter.payload),
  ].join('\n');
}

function stateOf(service: string, { state, waitsFor, settledAt, settledBy, settledReason }: Shown): string {
  if (state === 'WAITING') return waitsFor === null ? 'at fault: it holds up its key' : `behind ${service}/${waitsFor}`;
  return `${state.toLowerCase()} by ${settledBy} at ${settledAt}: ${settledReason}`;
}

const behindOf = (service: string, { state, waitingBehind }: Shown): string =>
  state !== 'WAITING' || waitingBehind === 0
    ? 'nothing'
    : `${counted(waitingBehind, 'event')} of the same key, not applied in ${service} until this is settled`;

function payloadOf({ bytes, json, problem, hex }: Shown['payload']): string[] {
  if (json !== null) return [`content, ${counted(bytes, 'byte')}`, ...json.split('\n').map((line) => `  ${line}`)];
  return [
    `content, ${counted(bytes, 'byte')}, which cannot be read: ${problem}`,
    ...(hex?.match(/.{1,64}/g) ?? []).map((part) => `  ${part}`),
  ];
}
