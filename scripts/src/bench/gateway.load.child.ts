/** The process that makes the load: takes a job, does it, tells what came of it, and waits for the next. */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'undici';
import type { Ask, Job, Loaded } from './gateway.load.js';

process.on('message', (job: Job) => {
  void work(job).then((loaded) => process.send!(loaded));
});

interface Tally {
  readonly latencies: number[];
  failed: number;
  failure: string | null;
}

async function work(job: Job): Promise<Loaded> {
  // Each from an address of its own: who comes without a token is known by the address.
  const clients = Array.from(
    { length: job.connections },
    (_, n) => new Client(job.url, { localAddress: `127.0.1.${n + 1}`, pipelining: 1, headersTimeout: 20_000 }),
  );
  const tally: Tally = { latencies: [], failed: 0, failure: null };
  const began = performance.now();
  const unsent = job.rate === null ? await closed(job, clients, tally) : await open(job, job.rate, clients, tally);
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(clients.map((client) => client.destroy()));
  const { latencies, failed, failure } = tally;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  const answered = latencies.length;
  return { answered, perSecond: answered / seconds, p50: at(0.5), p99: at(0.99), failed, failure, unsent };
}

/** Each connection asks again as soon as it is answered. */
async function closed({ asks, seconds }: Job, clients: readonly Client[], tally: Tally): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let next = 0;
  const loop = async (client: Client) => {
    while (performance.now() < until) {
      const ask = asks[next % asks.length]!;
      next += 1;
      await once(client, ask, performance.now(), tally);
    }
  };
  await Promise.all(clients.map(loop));
  return 0;
}

/** Each request is due at its time; it is sent then, or as soon as a connection is free. */
async function open({ asks, seconds }: Job, rate: number, clients: readonly Client[], tally: Tally): Promise<number> {
  const began = performance.now();
  const all = Math.floor(rate * seconds);
  const free = [...clients];
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  while (sent < all && performance.now() - began < seconds * 1500) {
    const due = Math.min(all, Math.floor(((performance.now() - began) / 1000) * rate));
    while (sent < due && free.length > 0) {
      const client = free.pop()!;
      const dueAt = began + (sent / rate) * 1000;
      const asking = once(client, asks[sent % asks.length]!, dueAt, tally).finally(() => {
        free.push(client);
        underWay.delete(asking);
      });
      underWay.add(asking);
      sent += 1;
    }
    await pause(1);
  }
  await Promise.all(underWay);
  return all - sent;
}

async function once(client: Client, { method, path, headers, body }: Ask, since: number, tally: Tally): Promise<void> {
  try {
    const answer = await client.request({ method, path, headers, body: body ?? null });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode === 200 && !bytes.includes('"errors":')) {
      tally.latencies.push(performance.now() - since);
      return;
    }
    tally.failure ??= `${answer.statusCode} ${bytes.subarray(0, 300)}`;
  } catch (error) {
    tally.failure ??= String(error);
  }
  tally.failed += 1;
}
