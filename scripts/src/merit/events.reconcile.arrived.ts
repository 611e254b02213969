/** What is on its way when a reconciliation begins: waited for until it is published and read, while traffic goes on. */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { trouble } from '@merit/infra/trouble';
import type { Graph } from '../graph.client.js';
import { askEvents, SERVICES, type Service } from './events.services.js';
import { number } from './screen.js';

interface Relay {
  readonly relay: { readonly backlog: number; readonly oldestSeconds: number };
}

interface Read {
  readonly lag: readonly Partition[] | null;
}
interface Partition {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
  readonly end: number;
}

export const AWAY = 'the transport does not answer, so nobody knows what is still to be read';
const LOOK_MS = 500;

/**
 * Waits until what is in the outboxes by now is published, and then until each reader is past where each of its partitions
 * ended at that moment. What comes later is not waited for, so it ends on a busy system, too.
 * @throws Trouble when that takes longer than `waitSeconds`
 */
export async function arrived(graph: Graph, waitSeconds: number, say: (text: string) => void): Promise<void> {
  const begun = performance.now();
  const patience = { until: begun + waitSeconds * 1_000, say };
  await untilNone(patience, 'to be published', async (service) => {
    const elapsed = (performance.now() - begun) / 1_000; // before it is asked: what is older was there when this began
    const { relay } = await askEvents<Relay>(graph, service, 'relay { backlog oldestSeconds }');
    return relay.oldestSeconds < elapsed ? 0 : relay.backlog;
  });
  const ends = new Map<Service, ReadonlyMap<string, number>>();
  await untilNone(patience, 'to be read', async (service) => {
    const { lag } = await askEvents<Read>(graph, service, 'lag { topic partition lag end }');
    if (lag === null) return Number.POSITIVE_INFINITY;
    if (!ends.has(service)) ends.set(service, new Map(lag.map((each) => [nameOf(each), each.end])));
    return lag.reduce((sum, each) => sum + leftOf(each, ends.get(service)!.get(nameOf(each)) ?? 0), 0);
  });
}

const nameOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`;

/** How many records a reader has yet to go through before it is past what was the end. */
const leftOf = ({ lag, end }: Partition, wasEnd: number): number => Math.max(0, wasEnd - (end - lag));

async function untilNone(
  { until, say }: { readonly until: number; readonly say: (text: string) => void },
  what: string,
  left: (service: Service) => Promise<number>,
): Promise<void> {
  for (let open: readonly Service[] = SERVICES; ; ) {
    const lefts = await Promise.all(open.map(left));
    open = open.filter((_, n) => lefts[n]! > 0);
    if (open.length === 0) return;
    const rest = lefts.reduce((sum, each) => sum + each, 0);
    const still = Number.isFinite(rest) ? `${number(rest)} events are still ${what}` : AWAY;
    if (performance.now() > until) {
      throw trouble(`${open.join(', ')}: ${still}. Wait longer (--wait), or see events lag.`);
    }
    say(`${still} …`);
    await pause(LOOK_MS);
  }
}
