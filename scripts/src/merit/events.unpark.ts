/** `events unpark`: what could not be published goes out, once the reason is gone. */
import { type Call, type Command, misuse } from './command.js';
import { doWithEvents, NO_REASON, oneServiceOf, REASON_OPTION, reasonOf, SERVICE_OPTION } from './events.services.js';
import { counted } from './screen.js';

export const eventsUnpark: Command = {
  name: 'events unpark',
  parameters: '<key>',
  summary: 'let the parked events of a key go out, once the reason is gone',
  help: `  --service <name>  whose; needed
  --reason <text>   what is different now, for the record
Ends with 1 when nothing of the key was parked.`,
  options: { ...SERVICE_OPTION, ...REASON_OPTION },
  run,
};

async function run(call: Call): Promise<number> {
  const [key, ...more] = call.parameters;
  if (key === undefined || more.length > 0) throw misuse('Say which key: events unpark <key> --service performance');
  const service = oneServiceOf(call);
  const input = ['UnparkEventsInput', { key, reason: reasonOf(call) ?? NO_REASON }] as const;
  const { events } = await doWithEvents<{ events: number }>(
    await call.graph(),
    service,
    'unpark*Events',
    input,
    'events',
  );
  console.log(call.json ? JSON.stringify({ events }) : `${service}: ${counted(events, 'event')} of ${key} may go out.`);
  return events > 0 ? 0 : 1;
}
