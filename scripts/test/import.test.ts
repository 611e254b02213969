import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byPerson } from '../src/import/by-person.js';
import { type CellKind, parseCell } from '../src/import/cell.js';
import { chunksOf, eachOf } from '../src/import/chunks.js';
import { readHeader } from '../src/import/header.js';
import { judgeRow, seenBefore } from '../src/import/judge.js';
import { type Column, TABLES, type Table, type TableName } from '../src/import/kinds.js';
import { parentsFirst } from '../src/import/parents.js';
import { openProgress } from '../src/import/progress.js';
import { inspectTable, type Row, readRows } from '../src/import/read.js';
import { openReport } from '../src/import/report.js';
import { rememberKeys } from '../src/import/seen.js';

const folder = () => mkdtemp(join(tmpdir(), 'merit import '));
async function fileOf(content: string | Buffer): Promise<string> {
  const path = join(await folder(), 'table.csv');
  await writeFile(path, content);
  return path;
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const rowsOf = async (content: string | Buffer): Promise<Row[]> =>
  all(readRows(await inspectTable(await fileOf(content))));
const cellsOf = async (content: string | Buffer) => (await rowsOf(content)).map(({ cells }) => cells);

describe('a file', () => {
  test.each<[string, Buffer | string]>([
    ['UTF-8', 'nama,kota\nSitì,"Binjai, kota"\n'],
    ['UTF-8 with a mark', '\uFEFFnama,kota\nSitì,"Binjai, kota"\n'],
    ['Windows-1252', Buffer.from('nama,kota\nSitì,"Binjai, kota"\n', 'latin1')],
    ['UTF-16 with a mark', Buffer.from('\uFEFFnama,kota\nSitì,"Binjai, kota"\n', 'utf16le')],
    ['semicolons', 'nama;kota\nSitì;"Binjai, kota"\n'],
    ['tabs', 'nama\tkota\nSitì\tBinjai, kota\n'],
    ['a line that names the delimiter', 'sep=;\nnama;kota\nSitì;"Binjai, kota"\n'],
    ['line ends of Windows and blank lines', 'nama,kota\r\n\r\nSitì,"Binjai, kota"\r\n,\r\n'],
    ['no line end at the end', 'nama,kota\nSitì,"Binjai, kota"'],
  ])('with %s is read', async (_, content) => {
    expect(await cellsOf(content)).toEqual([
      ['nama', 'kota'],
      ['Sitì', 'Binjai, kota'],
    ]);
  });

  test('tells the line of a row, also after a cell with line ends', async () => {
    expect((await rowsOf('a,b\n"x\ny",1\nz,2\n')).map(({ line }) => line)).toEqual([1, 3, 4]);
  });

  test('with a quote that is never closed is refused with its line, in little memory', async () => {
    await expect(rowsOf('a,b\n1,2\n"3,4\n5,6\n')).rejects.toThrow(/^Line \d: a quote/);
    await expect(rowsOf(`a,b\n1,"${'x'.repeat(5 * 1024 * 1024)}`)).rejects.toThrow(/^Line 2: a quote/);
    await expect(rowsOf('a,b\n1,x"y"\n')).rejects.toThrow(/^Line 2: the quotes/);
  });

  test('that is none, or empty, is told so', async () => {
    await expect(inspectTable('/nowhere/at all.csv')).rejects.toThrow(/cannot be read/);
    await expect(inspectTable(await folder())).rejects.toThrow(/is no file/);
    await expect(inspectTable(await fileOf(''))).rejects.toThrow(/is empty/);
  });
});

describe('a cell', () => {
  const kinds: CellKind[] = ['text', 'nip', 'date', 'integer', 'decimal', 'yes/no', ['PNS', 'PPPK']];
  test('that is empty, or a dash that stands for it, is null whatever it holds', () => {
    for (const kind of kinds) for (const raw of ['', '  ', '-']) expect(parseCell(raw, kind, 10)).toBeNull();
  });

  test.each<[CellKind, string, unknown]>([
    ['text', '  Siti Aminah ', 'Siti Aminah'],
    ['text', 'سيتي 🎓', 'سيتي 🎓'],
    ['text', 'O’Neil, "B"', 'O’Neil, "B"'],
    ['nip', '19800101 200501 2 901', '198001012005012901'],
    ['nip', "'198001012005012901", '198001012005012901'],
    ['date', '2026-02-28', '2026-02-28'],
    ['date', '3/2/2026', '2026-02-03'],
    ['date', '28-02-2026', '2026-02-28'],
    ['integer', '-3', -3],
    ['decimal', '2,5', 2.5],
    ['decimal', '16', 16],
    ['yes/no', 'Ya', true],
    ['yes/no', '0', false],
    [['PNS', 'PPPK_PARUH_WAKTU'], 'pppk paruh waktu', 'PPPK_PARUH_WAKTU'],
  ])('of %j reads %j', (kind, raw, value) => expect(parseCell(raw, kind, 200)).toBe(value));

  test.each<[CellKind, string, string]>([
    ['text', '=HYPERLINK("http://evil.example")', 'CELL_FORMULA'],
    ['text', "'=1+1", 'CELL_FORMULA'],
    ['text', '+62', 'CELL_FORMULA'],
    ['text', '@SUM(A1)', 'CELL_FORMULA'],
    ['text', '-2+3', 'CELL_FORMULA'],
    ['text', 'a\0b', 'TEXT_INVALID'],
    ['text', 'a\uFFFDb', 'TEXT_INVALID'],
    ['text', 'x'.repeat(201), 'TEXT_TOO_LONG'],
    ['text', 'x'.repeat(1024 * 1024), 'TEXT_TOO_LONG'],
    ['nip', '1.98001E+17', 'NUMBER_ROUNDED'],
    ['nip', '19800101200501290', 'NIP_MALFORMED'],
    ['nip', '19800101200501290X', 'NIP_MALFORMED'],
    ['nip', '=1', 'CELL_FORMULA'],
    ['date', '2026-02-30', 'DATE_INVALID'],
    ['date', '31/04/2026', 'DATE_INVALID'],
    ['date', '12/31/2026', 'DATE_INVALID'],
    ['date', '1/1/26', 'DATE_INVALID'],
    ['integer', '1.5', 'NUMBER_INVALID'],
    ['integer', '1e9', 'NUMBER_INVALID'],
    ['decimal', '1.000.000', 'NUMBER_INVALID'],
    ['yes/no', 'perhaps', 'VALUE_UNKNOWN'],
    [['PNS'], 'PENSIUN', 'VALUE_UNKNOWN'],
  ])('of %j refuses %p', (kind, raw, code) => expect(parseCell(raw, kind, 200)).toMatchObject({ code }));
});

describe('the first row', () => {
  const columns = TABLES.units.columns;
  test('may have its columns in any order and spelling', () => {
    const { at, problems } = readHeader(['Valid From', 'NAME', 'kind', 'Code', 'parent-code', ''], columns);
    expect(problems).toEqual([]);
    expect(Object.fromEntries(at)).toEqual({ valid_from: 0, name: 1, kind: 2, code: 3, parent_code: 4 });
  });

  test('that is wrong says what is missing and unknown, and suggests', () => {
    const { problems } = readHeader(['code', 'nmae', 'kind', 'kind', 'whatever'], columns);
    expect(problems).toEqual([
      'The column "nmae" is unknown. Is it "name"?',
      'The column "kind" is there twice.',
      'The column "whatever" is unknown.',
      'The column "name" is missing.',
      'The column "valid_from" is missing.',
      'The columns may be: code, name, parent_code, kind, valid_from.',
    ]);
  });
});

describe('a row', () => {
  const table = TABLES.units;
  const at = new Map(table.columns.map(({ name }: Column, index) => [name, index]));
  const judge = (cells: string[], line = 2) => judgeRow({ line, cells }, { table, at, width: 5 });

  test('is told in the graph’s terms', () => {
    expect(judge(['D1', 'Dinas', '-', 'perangkat daerah', '1/1/2026'])).toEqual({
      line: 2,
      value: { code: 'D1', name: 'Dinas', parentCode: null, kind: 'PERANGKAT_DAERAH', validFrom: '2026-01-01' },
    });
  });

  test('has every problem named with its line and column', () => {
    expect(judge(['=D1', '', '', 'DINAS', '2026-13-01'], 7)).toEqual([
      expect.objectContaining({ line: 7, column: 'code', code: 'CELL_FORMULA' }),
      expect.objectContaining({ line: 7, column: 'name', code: 'TEXT_REQUIRED' }),
      expect.objectContaining({ line: 7, column: 'kind', code: 'VALUE_UNKNOWN' }),
      expect.objectContaining({ line: 7, column: 'valid_from', code: 'DATE_INVALID' }),
    ]);
  });

  test('with more cells than the first row is refused, and with fewer its missing ones are empty', () => {
    expect(judge(['D1', 'Dinas', '', 'BIDANG', '2026-01-01', 'more'])).toEqual([
      expect.objectContaining({ code: 'ROW_TOO_LONG', column: null }),
    ]);
    expect(judge(['D1', 'Dinas'])).toEqual([
      expect.objectContaining({ column: 'kind', code: 'TEXT_REQUIRED' }),
      expect.objectContaining({ column: 'valid_from', code: 'TEXT_REQUIRED' }),
    ]);
  });

  test('whose key stood before is refused with the line of the first, and empty keys are no keys', () => {
    const seen = rememberKeys();
    const row = (line: number, code: string | null) => ({ line, value: { code } });
    expect(seenBefore(table, row(2, 'D1'), '', seen)).toBeNull();
    expect(seenBefore(table, row(3, 'D1'), 'elsewhere', seen)).toBeNull();
    expect(seenBefore(table, row(9, 'D1'), '', seen)).toMatchObject({
      line: 9,
      column: 'code',
      code: 'DUPLICATE_ROW',
      message: expect.stringContaining('line 2'),
    });
    const form = { line: 4, value: { serviceCode: 'KTP', batchCode: null, number: null } };
    expect([seenBefore(TABLES.survey, form, '', seen), seenBefore(TABLES.survey, form, '', seen)]).toEqual([
      null,
      null,
    ]);
  });
});

test('a hundred thousand keys are remembered, each with its line', () => {
  const seen = rememberKeys();
  for (let line = 1; line <= 100_000; line += 1) expect(seen.lineOf(`certificate ${line}`, line)).toBeNull();
  for (const line of [1, 777, 99_999]) expect(seen.lineOf(`certificate ${line}`, 1)).toBe(line);
});

async function* unitsOf(...pairs: [code: string, parent: string | null][]) {
  for (const [code, parentCode] of pairs) yield { line: 0, value: { code, parentCode } };
}
test('units come after their parents, wherever they stand, and circles last', async () => {
  const order = await all(
    parentsFirst(unitsOf(['c', 'b'], ['x', 'y'], ['a', null], ['y', 'x'], ['b', 'a'], ['d', 'elsewhere'])),
  );
  expect(order.map(({ value }) => value.code)).toEqual(['a', 'b', 'c', 'd', 'x', 'y']);
});

test('the trainings of one person come together, in the order of the file, and no file is left', async () => {
  const where = await folder();
  async function* rows() {
    for (let line = 1; line <= 3000; line += 1) yield { line, value: { nip: String(line % 700) } };
  }
  const order = await all(byPerson(rows(), { folder: where, bytes: 30_000_000 }));
  expect(order).toHaveLength(3000);
  const turns = order.filter((row, index) => row.value.nip !== order[index - 1]?.value.nip);
  expect(turns).toHaveLength(700);
  for (const [index, row] of order.entries()) {
    if (row.value.nip === order[index - 1]?.value.nip) expect(row.line).toBeGreaterThan(order[index - 1]!.line);
  }
  expect(await readdir(where)).toEqual([]);
  for await (const _ of byPerson(rows(), { folder: where, bytes: 1 })) break; // nobody asks for more
  expect(await readdir(where)).toEqual([]);
});

describe('chunks', () => {
  async function* rows(count: number, text = '') {
    for (let line = 1; line <= count; line += 1) yield { line, value: { group: line % 2 ? 'odd' : 'even', text } };
  }
  test('hold so many rows of one group, in the order of the file', async () => {
    const chunks = await all(chunksOf(rows(7), ({ value }) => value.group, 2));
    expect(chunks.map(({ index, group, rows }) => [index, group, ...rows.map(({ line }) => line)])).toEqual([
      [0, 'odd', 1, 3],
      [1, 'even', 2, 4],
      [2, 'odd', 5, 7],
      [3, 'even', 6],
    ]);
  });

  test('stay below what the gateway takes', async () => {
    const chunks = await all(chunksOf(rows(30, 'x'.repeat(100_000)), () => ''));
    expect(Math.max(...chunks.map(({ rows }) => JSON.stringify(rows).length))).toBeLessThan(1_000_000);
    expect(chunks.flatMap(({ rows }) => rows)).toHaveLength(30);
  });

  test('are worked on so many at a time, and none after one failed', async () => {
    let [running, most, begun] = [0, 0, 0];
    const work = async () => {
      most = Math.max(most, ++running);
      begun += 1;
      await new Promise(setImmediate);
      running -= 1;
      if (begun >= 5) throw new Error('no more');
    };
    await expect(eachOf(rows(100), 3, work)).rejects.toThrow('no more');
    expect(most).toBe(3);
    expect(begun).toBeLessThan(12);
  });
});

test('an import that was cut short knows what is done, and a finished one begins anew', async () => {
  const [where, about] = [await folder(), ['units', 'abc']];
  const first = await openProgress(where, about);
  await Promise.all([first.done(0), first.done(2)]);
  const again = await openProgress(where, about);
  expect([again.run, again.isDone(0), again.isDone(1), again.isDone(2)]).toEqual([first.run, true, false, true]);
  await again.finish();
  const anew = await openProgress(where, about);
  expect([anew.run === first.run, anew.isDone(0)]).toEqual([false, false]);
});

test('a hundred problems are shown, and all are written where no spreadsheet runs them', async () => {
  const path = join(await folder(), 'problems.csv');
  const report = openReport(path);
  for (let line = 250; line > 0; line -= 1) report.add({ line, column: 'name', code: 'CELL_FORMULA', message: '=1+1' });
  await report.close();
  expect(report.lines()).toHaveLength(101);
  expect(report.lines().at(-1)).toBe('… and 150 more.');
  const written = await readFile(path, 'utf8');
  expect(written.split('\n')).toHaveLength(252);
  expect(written).toContain(`1,"name","CELL_FORMULA","'=1+1"`);
});

describe('the documentation', () => {
  const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

  test('lists the columns of every table', async () => {
    const page = await readFile(`${docs}import.md`, 'utf8');
    for (const [name, { columns }] of Object.entries(TABLES)) {
      const section = page.split(`### ${name}\n`)[1]!.split('\n#')[0]!;
      const listed = [...section.matchAll(/^\| `(\w+)` *\| (yes)? *\|/gm)].map(([, column, must]) => [
        column,
        must === 'yes',
      ]);
      expect([name, listed]).toEqual([name, columns.map((column) => [column.name, column.required])]);
    }
  });

  test.each(Object.keys(TABLES) as TableName[])('has a sample of %s that is right', async (name) => {
    const table: Table = TABLES[name];
    const [first, ...rest] = await all(readRows(await inspectTable(`${docs}samples/${name}.csv`)));
    const { at, problems } = readHeader(first!.cells, table.columns);
    expect(problems).toEqual([]);
    expect(rest.length).toBeGreaterThan(1);
    for (const row of rest) expect(judgeRow(row, { table, at, width: first!.cells.length })).toHaveProperty('value');
  });
});
