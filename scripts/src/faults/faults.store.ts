/** A database that restarts, loses a connection's own process, or has no room left. */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@merit/infra/process';
import { fillDisk, hasSmallDisk } from './disk.js';
import { type Fault, lasting } from './fault.js';

const BACK_WITHIN_MS = 60_000;

const backend: Fault = {
  name: 'kill -9 a PostgreSQL backend',
  holds: ['postgres'],
  strike: async ({ world }) => {
    let pid: number | undefined;
    const found = await until(async () => {
      const { rows } = await world.databases.competency.query<{ pid: number }>(
        `select pid from pg_stat_activity
          where datname = 'merit_competency' and application_name = 'competency' and state <> 'idle' and pid <> pg_backend_pid()`,
      );
      pid = rows[0]?.pid;
      return pid !== undefined;
    }, BACK_WITHIN_MS);
    if (!found) throw new Error('no backend was at work');
    process.kill(pid!, 'SIGKILL');
  },
};

const restart: Fault = {
  name: 'PostgreSQL restarted',
  holds: ['postgres'],
  strike: async ({ world }) => {
    const pid = world.merit.processes().postgres!;
    process.kill(pid, 'SIGINT');
    const back = await until(() => world.merit.processes().postgres !== pid, BACK_WITHIN_MS);
    if (!back) throw new Error('it did not come back');
  },
};

const full: Fault = {
  name: 'data directory full',
  holds: ['postgres'],
  missing: ({ folder }) => (hasSmallDisk(folder) ? null : 'a small file system of its own could not be mounted'),
  strike: async (scene) => {
    const empty = fillDisk(scene.world.folder);
    await pause(lasting(scene)).finally(empty);
  },
};

export const storeFaults: readonly Fault[] = [backend, restart, full];
