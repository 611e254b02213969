/** How far the work has come: a bar in a terminal, else a line every few seconds. */
import { Presets, SingleBar } from 'cli-progress';

export interface Bar {
  /** @param done from 0 to 1 */
  readonly update: (done: number) => void;
  readonly stop: () => void;
}

export function showProgress(what: string, out: NodeJS.WriteStream = process.stderr): Bar {
  return out.isTTY ? drawn(what, out) : written(what, out);
}

/** Fine enough for the time that is left to be told. */
const STEPS = 10_000;

function drawn(what: string, stream: NodeJS.WriteStream): Bar {
  const format = `${what.padEnd(10)} [{bar}] {percentage}%  {eta_formatted} left`;
  const bar = new SingleBar({ format, stream, hideCursor: true, etaBuffer: 200 }, Presets.rect);
  bar.start(STEPS, 0);
  return { update: (done) => bar.update(Math.floor(done * STEPS)), stop: () => bar.stop() };
}

const EVERY_MS = 5_000;

function written(what: string, stream: NodeJS.WriteStream): Bar {
  let last = Date.now();
  return {
    update(done) {
      if (Date.now() - last < EVERY_MS) return;
      last = Date.now();
      stream.write(`${what}: ${Math.floor(100 * done)} %\n`);
    },
    stop: () => undefined,
  };
}
