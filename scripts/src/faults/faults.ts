/** Every fault, in the order in which they are brought about: each alone, and at the end several at once. */
import type { Fault } from './fault.js';
import { behind } from './faults.behind.js';
import { brokerFaults } from './faults.broker.js';
import { clocks } from './faults.clock.js';
import { mixed, rolling } from './faults.deploy.js';
import { kills } from './faults.kill.js';
import { brokerLineFaults, lineFaults } from './faults.line.js';
import { points } from './faults.point.js';
import { poisons } from './faults.poison.js';
import { stops } from './faults.stop.js';
import { storeFaults } from './faults.store.js';
import { remadeTopics } from './faults.topic.js';
import { transports } from './faults.transport.js';

const alone: readonly Fault[] = [
  ...kills,
  ...points,
  ...stops,
  ...storeFaults,
  ...lineFaults,
  ...clocks,
  ...transports,
  remadeTopics,
  ...poisons,
  behind,
  rolling,
  ...brokerLineFaults,
  ...brokerFaults,
];

/** Those that bear others beside them. */
const together = [...kills, ...points, ...stops, ...storeFaults, ...lineFaults, ...clocks, ...transports];

export const faults: readonly Fault[] = [...alone, mixed(together)];
