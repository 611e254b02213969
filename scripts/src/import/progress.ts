/** How far an import came, so that one that was cut short goes on where it stopped. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Progress {
  /** Distinguishes this import from an earlier one of the same file, whose answers would else be given again. */
  readonly run: string;
  readonly isDone: (chunk: number) => boolean;
  /** Remembers that a chunk was answered. */
  readonly done: (chunk: number) => Promise<void>;
  /** Forgets everything: the import is complete. */
  readonly finish: () => Promise<void>;
}

/**
 * @param folder where such files are kept
 * @param about what makes this import this one: its table, agency, graph and the file's fingerprint
 */
export async function openProgress(folder: string, about: readonly string[]): Promise<Progress> {
  const name = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32);
  const file = `${folder}/${name}.json`;
  const known = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as { run: string; done: number[] },
    () => ({ run: randomUUID(), done: [] as number[] }),
  );
  const done = new Set(known.done);
  let writing = Promise.resolve();
  const write = async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify({ run: known.run, done: [...done] }));
    await rename(`${file}.new`, file); // whole or not at all, also if the machine stops here
  };
  const next = () => {
    writing = writing.then(write);
    return writing;
  };
  if (known.done.length === 0) await next(); // the run's name must be known before its first chunk is
  return {
    run: known.run,
    isDone: (chunk) => done.has(chunk),
    done: (chunk) => {
      done.add(chunk);
      return next();
    },
    finish: async () => {
      await writing;
      await rm(file, { force: true });
    },
  };
}
