/** Lines between the services and their databases, or the broker, that break, drag, or go silent. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Fault, lasting } from './fault.js';
import type { TcpProxy } from './proxy.js';
import type { World } from './world.js';

const DELAY_MS = 500;
const BETWEEN_CUTS_MS = 700;

const missing = ({ brokerLine }: World): string | null =>
  brokerLine ? null : 'there is no line to a broker of its own (--kafka)';

/** What can happen to lines: those to the databases, or that to the broker. */
const faultsOf = (where: string, linesOf: (world: World) => TcpProxy[], more: Partial<Fault> = {}): Fault[] => [
  {
    name: `connections${where} cut`,
    ...more,
    strike: async (scene) => {
      const end = Date.now() + lasting(scene);
      while (Date.now() < end) {
        for (const line of linesOf(scene.world)) line.cut();
        await pause(BETWEEN_CUTS_MS + scene.chance.between(0, 300));
      }
    },
  },
  {
    name: `500 ms of delay on every answer${where}`,
    ...more,
    strike: async (scene) => {
      for (const line of linesOf(scene.world)) line.slow(DELAY_MS);
      await pause(lasting(scene));
      for (const line of linesOf(scene.world)) line.slow(0);
    },
  },
  {
    name: `half-open sockets${where}`,
    ...more,
    // They stay so: it is over at once, and up to the system to notice.
    strike: async (scene) => {
      const forgotten = linesOf(scene.world).reduce((count, line) => count + line.forget(), 0);
      if (forgotten === 0) throw new Error('there was no connection');
    },
  },
];

export const lineFaults = faultsOf('', ({ lines }) => Object.values(lines));
/** For a world with one broker. */
export const brokerLineFaults: readonly Fault[] = faultsOf(' to the broker', ({ brokerLine }) => [brokerLine!], {
  missing,
}).map((fault, n) => ({ ...fault, short: n === 0 }));
