/** What performance holds in memory while it works off a long backlog. */
import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '@merit/chassis/log';
import { openTransport } from '@merit/chassis/transport/transport.open';
import pg from 'pg';
import { COMPETENCY, fillPeople, ledgers, records } from './events.backlog.js';
import { startProcess } from './events.process.js';
import type { Stores } from './events.stores.js';
import { memoryOf, residentOf } from './memory.js';

export interface Sample {
  readonly second: number;
  readonly drained: number;
  /** Bytes; resident, and with shared pages counted in part. */
  readonly rss: number;
  readonly pss: number;
}

export interface MemoryMeasured {
  readonly events: number;
  /** As many as were applied within the time. */
  readonly drained: number;
  readonly samples: readonly Sample[];
  readonly highest: number;
  /** The mean of the last quarter of the samples over that of the second: 1 is flat. */
  readonly growth: number;
}

const VERSIONS = 10;

/**
 * So many events about a tenth as many people, ten about each, one after the other.
 * @param mostSeconds after which it is measured as far as it has come
 */
export async function measureMemory(
  stores: Stores,
  port: number,
  { events, mostSeconds }: { readonly events: number; readonly mostSeconds: number },
): Promise<MemoryMeasured> {
  const env = await stores.env('memory');
  const process = { service: 'performance', env, port } as const;
  await (await startProcess(process)).stop(); // for its tables
  const db = new pg.Client({ connectionString: env['DATABASE_URL'] });
  await db.connect();
  const transport = await openTransport(env, createLog('bench', 'warn'));
  try {
    for (const portion of ledgers(await fillPeople(db, events / VERSIONS), VERSIONS)) {
      await transport.publish(COMPETENCY, records(portion));
    }
    const running = await startProcess(process);
    const samples = await watch(db, running.pid, { events, mostSeconds });
    await running.stop();
    const used = samples.map(({ rss }) => rss);
    const quarter = Math.max(1, Math.floor(used.length / 4));
    return {
      events,
      drained: samples.at(-1)!.drained,
      samples,
      highest: Math.max(...used),
      growth: mean(used.slice(-quarter)) / mean(used.slice(quarter, 2 * quarter)),
    };
  } finally {
    await transport.close(5_000);
    await db.end();
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

async function watch(
  db: pg.Client,
  pid: number,
  { events, mostSeconds }: { readonly events: number; readonly mostSeconds: number },
): Promise<Sample[]> {
  const began = performance.now();
  const samples: Sample[] = [];
  for (;;) {
    const { rows } = await db.query('select sum(next_offset)::int as n from consumer_offset where topic = $1', [
      COMPETENCY,
    ]);
    const second = Math.round((performance.now() - began) / 100) / 10;
    const drained: number = rows[0].n ?? 0;
    samples.push({ second, drained, rss: residentOf(pid), pss: memoryOf([pid]) });
    if (drained >= events || second > mostSeconds) return samples;
    await pause(500);
  }
}
