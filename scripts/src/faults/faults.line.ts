/** Lines between the services and their databases that break, drag, or go silent. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Fault, lasting, type Scene } from './fault.js';
import type { TcpProxy } from './proxy.js';

const DELAY_MS = 500;
const BETWEEN_CUTS_MS = 700;

const linesOf = ({ world }: Scene): TcpProxy[] => Object.values(world.lines);

export const lineFaults: readonly Fault[] = [
  {
    name: 'connections cut',
    strike: async (scene) => {
      const end = Date.now() + lasting(scene);
      while (Date.now() < end) {
        for (const line of linesOf(scene)) line.cut();
        await pause(BETWEEN_CUTS_MS + scene.chance.between(0, 300));
      }
    },
  },
  {
    name: '500 ms of delay on every answer',
    strike: async (scene) => {
      for (const line of linesOf(scene)) line.slow(DELAY_MS);
      await pause(lasting(scene));
      for (const line of linesOf(scene)) line.slow(0);
    },
  },
  {
    name: 'half-open sockets',
    // They stay so: it is over at once, and up to the system to notice.
    strike: async (scene) => {
      const forgotten = linesOf(scene).reduce((count, line) => count + line.forget(), 0);
      if (forgotten === 0) throw new Error('there was no connection');
    },
  },
];
