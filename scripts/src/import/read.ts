/** A table as offices export it → its rows, one at a time, however large it is. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Transform } from 'node:stream';
import { trouble } from '@merit/infra/trouble';
import { CsvError, parse } from 'csv-parse';

export type Encoding = 'utf-8' | 'windows-1252' | 'utf-16le';

/** What was found out about a file by reading it once. */
export interface TableFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly encoding: Encoding;
  readonly delimiter: string;
}

/** A row, and the line of the file on which it ends, counted from 1. */
export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A quote that is never closed would swallow the rest of the file. Characters. */
const LONGEST_ROW = 4 * 1024 * 1024;

/**
 * Reads a file once to know its encoding, delimiter and fingerprint.
 * @throws Trouble when it cannot be read or is empty
 */
export async function inspectTable(path: string): Promise<TableFile> {
  const about = await stat(path).catch((error: Error) => {
    throw trouble(`${path} cannot be read: ${error.message}`);
  });
  if (!about.isFile()) throw trouble(`${path} is no file.`);
  if (about.size === 0) throw trouble(`${path} is empty.`);
  const hash = createHash('sha256');
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let encoding: Encoding = 'utf-8';
  let head = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (head.length < 65_536) head = Buffer.concat([head, chunk.subarray(0, 65_536)]);
    if (encoding === 'utf-8' && !decodes(utf8, chunk)) encoding = 'windows-1252';
  }
  if (head[0] === 0xff && head[1] === 0xfe) encoding = 'utf-16le';
  const text = new TextDecoder(encoding).decode(head);
  return { path, bytes: about.size, sha256: hash.digest('hex'), encoding, delimiter: delimiterOf(text) };
}

function decodes(decoder: InstanceType<typeof TextDecoder>, chunk: Buffer): boolean {
  try {
    decoder.decode(chunk, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Excel may say it in a first line `sep=;`; else it is what stands most often outside the quotes of the first line. */
function delimiterOf(text: string): string {
  const [first = ''] = text.split(/\r?\n/, 1);
  const said = /^sep=(.)$/i.exec(first)?.[1];
  if (said) return said;
  const bare = first.replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string) => bare.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/**
 * The rows of the file in order, the header first; blank lines are passed over.
 * @param onBytes is told how many bytes of the file have been read so far
 * @throws Trouble for a table that cannot go on being read, with its line
 */
export async function* readRows(
  file: TableFile,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<Row> {
  const parser = parse({
    delimiter: file.delimiter,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    info: true,
    max_record_size: LONGEST_ROW,
  });
  let failure: unknown;
  pipeline(createReadStream(file.path), counted(onBytes), decoded(file.encoding), parser, (error) => {
    failure = error;
  });
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (info.lines === 1 && /^sep=/i.test(record[0] ?? '')) continue;
      if (record.some((cell) => cell.trim() !== '')) yield { line: info.lines, cells: record };
    }
  } catch (error) {
    throw unreadable(error);
  }
  if (failure) throw unreadable(failure);
}

function unreadable(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = Number(error['lines'] ?? 0);
  if (error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE') {
    return trouble(`Line ${line}: a quote (") that was opened here or above is never closed.`);
  }
  return trouble(`Line ${line}: the quotes (") are not in order. ${error.message}`);
}

function counted(onBytes: (bytes: number) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onBytes(bytes);
      done(null, chunk);
    },
  });
}

function decoded(encoding: Encoding): Transform {
  const decoder = new TextDecoder(encoding);
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, decoder.decode(chunk, { stream: true })),
    flush: (done) => done(null, decoder.decode()),
  });
}
