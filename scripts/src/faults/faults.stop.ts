/** A leader that is stopped in the middle of its work, and wakes when another leads. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, until } from '@merit/infra/process';
import type { Fault, Scene } from './fault.js';
import { reached } from './faults.point.js';
import type { Point } from './preload/control.js';

const ASLEEP_MS = { long: 30_000, short: 5_000 };
const LEADS_WITHIN_MS = 60_000;
/** For what it does when it wakes. */
const AWAKE_MS = 2_000;

const isStopped = (pid: number): boolean => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

const stopLeader = (point: Point, where: string, short = false): Fault => ({
  name: `SIGSTOP of a relay leader ${where}`,
  short,
  holds: ['competency', 'postgres'],
  strike: async (scene) => {
    const { world } = scene;
    const second = await world.merit.second('competency', await freePort());
    try {
      // It leads once the first has slept longer than its lease, and the first is a mere successor when it wakes.
      await yieldLead(scene);
      world.control('competency-2', { points: { [point]: 'SIGSTOP' } });
      await reached(() => isStopped(second.pid()), 'the leader');
      await pause(ASLEEP_MS[scene.short ? 'short' : 'long']);
      process.kill(second.pid(), 'SIGCONT');
      await pause(AWAKE_MS);
    } finally {
      world.control('competency-2', { points: undefined });
      process.kill(second.pid(), 'SIGCONT');
      await second.stop();
    }
  },
});

async function yieldLead({ world: { databases, merit } }: Scene): Promise<void> {
  const holder = async () => {
    const { rows } = await databases.competency.query<{ holder: string }>(
      `select holder from lease where name = 'relay:merit.competency.v1' and expires_at > clock_timestamp()`,
    );
    return rows[0]?.holder;
  };
  const first = await holder();
  // Stopped, and not killed: one that is started again could come to lead first.
  const pid = merit.processes().competency!;
  process.kill(pid, 'SIGSTOP');
  const other = await until(async () => {
    const now = await holder();
    return now !== undefined && now !== first;
  }, LEADS_WITHIN_MS).finally(() => process.kill(pid, 'SIGCONT'));
  if (!other) throw new Error('nobody else came to lead');
}

export const stops: readonly Fault[] = [
  stopLeader('before-publish', 'before it publishes', true),
  stopLeader('before-mark', 'before it marks'),
];
