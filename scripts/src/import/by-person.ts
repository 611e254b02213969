import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { commandOf } from '@merit/infra/process';
import type { Judged } from './judge.js';

/** A part of the table that is sorted in memory. Bytes of the file. */
const PART_BYTES = 2 * 1024 * 1024;
/** Files that are open at once. */
const MOST_PARTS = 200;

/**
 * The rows with those of one person beside each other, in memory that does not grow with the table: they are spread
 * over files by person, which are then sorted one after the other. What a person's hours come to is counted once for
 * each call that names them: in a table that is sorted by training, everyone stands in every call, and 100,000 rows
 * took ten times as long.
 *
 * The files lie in `folder`, readable by their owner alone, and go when the rows were given or nobody asks for more.
 * @param bytes how large the table is
 */
export async function* byPerson<Row extends Judged>(
  rows: AsyncIterable<Row>,
  { folder, bytes }: { folder: string; bytes: number },
): AsyncGenerator<Row> {
  await mkdir(folder, { recursive: true });
  await removeLeftOvers(folder);
  const place = await mkdtemp(`${folder}/sorting-${process.pid}-`);
  try {
    const parts = Math.min(MOST_PARTS, Math.ceil(bytes / PART_BYTES));
    await spread(rows, place, parts);
    for (let part = 0; part < parts; part += 1) {
      const read: Row[] = [];
      for await (const line of createInterface({ input: createReadStream(`${place}/${part}`) }))
        read.push(JSON.parse(line));
      yield* read.sort((a, b) => order(nipOf(a), nipOf(b)) || a.line - b.line);
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** What imports that were killed have left. */
async function removeLeftOvers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = /^sorting-(\d+)-/.exec(name)?.[1];
    if (owner && commandOf(Number(owner)) === undefined)
      await rm(`${folder}/${name}`, { recursive: true, force: true });
  }
}

const nipOf = ({ value }: Judged) => String(value['nip']);
const order = (a: string, b: string) => Number(a > b) - Number(a < b);

async function spread(rows: AsyncIterable<Judged>, place: string, parts: number): Promise<void> {
  const files = Array.from({ length: parts }, (_, part) => createWriteStream(`${place}/${part}`, { mode: 0o600 }));
  const ended = Promise.all(files.map((file) => finished(file)));
  try {
    for await (const row of rows) {
      const part = createHash('sha256').update(nipOf(row)).digest().readUInt32LE(0) % parts;
      const file = files[part]!;
      if (!file.write(`${JSON.stringify(row)}\n`)) await once(file, 'drain');
    }
  } finally {
    for (const file of files) file.end();
    await ended;
  }
}
