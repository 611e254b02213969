/** `events rebuild --list`: what was opened and neither put in place nor dropped. */
import type { Call } from './command.js';
import { isOpen, rebuildsOf, shareOf } from './events.rebuild.steps.js';
import { noParameters, servicesOf } from './events.services.js';
import { since, table } from './screen.js';

export async function listRebuilds(call: Call): Promise<number> {
  noParameters(call);
  const graph = await call.graph();
  const asked = servicesOf(call).map(async (service) =>
    (await rebuildsOf(graph, service)).filter(isOpen).map((each) => ({ service, ...each })),
  );
  const open = (await Promise.all(asked)).flat();
  const rows = open.map((each) => [
    ...[each.service, each.model, each.state, shareOf(each)],
    ...[`${since(each.startedAt, each.now)} ago`, each.requestedBy, each.reason],
  ]);
  if (call.json) console.log(JSON.stringify({ open }));
  else if (open.length === 0) console.log('No rebuild is open.');
  else console.log(table([['service', 'read model', 'state', 'so far', 'opened', 'by', 'why'], ...rows]));
  return 0;
}
