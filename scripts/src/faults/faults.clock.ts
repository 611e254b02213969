/** Clocks that are set wrong: leases and staleness go by the database's. */
import type { Fault } from './fault.js';
import { everywhere } from './faults.transport.js';

const HOUR_MS = 3_600_000;

export const clocks: readonly Fault[] = [
  { name: 'wall clock an hour forward', strike: (scene) => everywhere(scene, { clockMs: HOUR_MS }) },
  { name: 'wall clock an hour back', strike: (scene) => everywhere(scene, { clockMs: -HOUR_MS }) },
];
