/** A TCP proxy of the suite's own: a line that can be cut, slowed down, or left half open. */
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface TcpProxy {
  readonly port: number;
  /** Ends every connection at once; new ones are taken. */
  readonly cut: () => void;
  /** How much later an answer arrives, in milliseconds; 0 for a line as it was. */
  readonly slow: (ms: number) => void;
  /**
   * From now on nothing comes through on the connections that there are, and nobody is told: as when a router in between
   * has forgotten them. New ones are taken. Answers how many there are.
   */
  readonly forget: () => number;
  readonly close: () => Promise<void>;
}

interface Line {
  readonly near: Socket;
  readonly far: Socket;
  forgotten: boolean;
  /** Answers that are late, and that they are delivered: none overtakes another. */
  waiting: number;
  delivered: Promise<void>;
}

/** Listens on a port of the loopback address, and passes everything on to this one. */
export async function startProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const lines = new Set<Line>();
  let delayMs = 0;
  const server = createServer((near) => {
    const line: Line = { near, far: dial(target), forgotten: false, waiting: 0, delivered: Promise.resolve() };
    lines.add(line);
    // What is said before the far end answers waits in the socket.
    near.on('data', (data) => {
      if (!line.forgotten) line.far.write(data);
    });
    line.far.on('data', (data) => {
      const due = Date.now() + delayMs;
      if (delayMs === 0 && line.waiting === 0) return deliver(line, data);
      line.waiting += 1;
      line.delivered = line.delivered
        .then(() => pause(Math.max(0, due - Date.now())))
        .then(() => {
          line.waiting -= 1;
          deliver(line, data);
        });
    });
    const end = () => {
      if (line.forgotten) return;
      lines.delete(line);
      near.destroy();
      line.far.destroy();
    };
    for (const socket of [near, line.far]) socket.on('close', end).on('error', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = (line: Line) => {
    lines.delete(line);
    line.near.destroy();
    line.far.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => [...lines].forEach(drop),
    slow: (ms) => {
      delayMs = ms;
    },
    forget: () => {
      for (const line of lines) line.forgotten = true;
      return lines.size;
    },
    close: async () => {
      server.close();
      [...lines].forEach(drop);
    },
  };
}

function deliver({ near, forgotten }: Line, data: Buffer): void {
  if (!forgotten && !near.destroyed) near.write(data);
}
