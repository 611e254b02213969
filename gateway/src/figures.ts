/** The gateway's figures: of one process, or of all that share its port, added up. */
import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { within } from '@merit/chassis/pause';
import { registry } from '@merit/chassis/telemetry';
import { AggregatorRegistry } from 'prom-client';

/** What a process asks of the one that looks after it, and what it is told. */
interface Message {
  readonly merit?: 'figures';
  readonly id: string;
  readonly text?: string;
}

const waiting = new Map<string, (text: string | undefined) => void>();
/** Longer than the processes are given to tell theirs. Milliseconds. */
const PATIENCE_MS = 6_000;

if (cluster.isWorker) {
  AggregatorRegistry.setRegistries([registry]);
  new AggregatorRegistry(); // from now on this process tells its own when it is asked
  process.on('message', ({ merit, id, text }: Message) => {
    if (merit === 'figures') waiting.get(id)?.(text);
  });
}

let underWay: Promise<string> | undefined;

/**
 * As Prometheus reads them, gathered once for all who ask meanwhile.
 * @throws when a process does not tell its own in time: a sum that lacks one would be wrong
 */
export function figures(): Promise<string> {
  underWay ??= gathered().finally(() => {
    underWay = undefined;
  });
  return underWay;
}

async function gathered(): Promise<string> {
  if (!cluster.isWorker) return registry.metrics();
  const id = randomUUID();
  const told = new Promise<string | undefined>((resolve) => waiting.set(id, resolve));
  process.send!({ merit: 'figures', id } satisfies Message);
  const text = await within(PATIENCE_MS, told).finally(() => waiting.delete(id));
  if (text === undefined) throw new Error('a process of the gateway did not tell its figures');
  return text;
}

/** In the process that looks after the others: gives those who ask the sums over all. */
export function answerFigures(): void {
  const all = new AggregatorRegistry();
  cluster.on('message', async (worker, { merit, id }: Message) => {
    if (merit !== 'figures') return;
    const text = await all.clusterMetrics().catch(() => undefined);
    if (worker.isConnected()) worker.send({ merit, id, ...(text === undefined ? {} : { text }) } satisfies Message);
  });
}
