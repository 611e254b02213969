/** How far the work has come: a bar in a terminal, else a line every few seconds. */
import { Presets, SingleBar } from 'cli-progress';

export interface Bar {
  readonly update: (done: number) => void;
  readonly stop: () => void;
}

/** @param total in the same unit as `update` gets */
export function showProgress(what: string, total: number, out: NodeJS.WriteStream = process.stderr): Bar {
  return out.isTTY ? drawn(what, total, out) : written(what, total, out);
}

function drawn(what: string, total: number, stream: NodeJS.WriteStream): Bar {
  const format = `${what.padEnd(10)} [{bar}] {percentage}%  {eta_formatted} left`;
  const bar = new SingleBar({ format, stream, hideCursor: true, etaBuffer: 200 }, Presets.rect);
  bar.start(total, 0);
  return { update: (done) => bar.update(Math.min(done, total)), stop: () => bar.stop() };
}

const EVERY_MS = 5_000;

function written(what: string, total: number, stream: NodeJS.WriteStream): Bar {
  let last = Date.now();
  return {
    update(done) {
      if (Date.now() - last < EVERY_MS) return;
      last = Date.now();
      stream.write(`${what}: ${Math.floor((100 * Math.min(done, total)) / total)} %\n`);
    },
    stop: () => undefined,
  };
}
