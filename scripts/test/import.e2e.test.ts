/** Tables, imported as an office does it, into the whole of Merit. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { eventually } from '../../gateway/test/eventually.js';
import { startWorld, type World } from '../../gateway/test/world.js';
import { importRows } from '../src/seed/graph.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
let world: World;
beforeAll(async () => {
  world = await startWorld();
  const { agencyId, unitId } = world;
  const course = (code: string) => ({
    code,
    title: code,
    form: 'PELATIHAN_TEKNIS',
    hours: 16,
    competency: 'M.05',
    provider: 'BKPSDM',
  });
  await importRows(world.as('hr'), 'importCourses', 'ImportCoursesInput', { agencyId }, [
    course('PUB-01'),
    course('KOM-01'),
  ]);
  await importRows(world.as('hr'), 'importServices', 'ImportServicesInput', { agencyId }, [
    { unitId, code: 'DISDUKCAPIL-KTP-EL', name: 'KTP-el', standards: [] },
  ]);
}, 180_000);
afterAll(() => world?.stop(), 60_000);

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(...args: string[]) {
  const { port } = new URL(world.merit.gatewayUrl);
  const env = { ...process.env, NODE_OPTIONS: '', MERIT_PORT: port, MERIT_DATA: world.dataDir };
  const child = spawn(process.execPath, [join(root, 'scripts/dist/import.js'), ...args], { env });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => (said.out += text));
  child.stderr.on('data', (text) => (said.err += text));
  const ended = once(child, 'close').then(([code]): Ended => ({ code, ...said }));
  return { child, ended };
}
const run = (table: string, file: string, ...more: string[]) => start(table, file, '--as', 'hr', ...more).ended;
const sample = (name: string) => join(root, 'docs/samples', `${name}.csv`);
function file(name: string, content: string): string {
  const path = join(world.dataDir, name);
  writeFileSync(path, content);
  return path;
}

test.each([
  ['units', 3],
  ['employees', 3],
  ['training', 3],
  ['survey', 2],
])('the sample of %s is imported, and a second time changes nothing', async (name, rows) => {
  const checked = await run(name, sample(name), '--check');
  // Those below a unit of the same table, and trainings of people who are there, are known by now.
  expect([checked.err, checked.code]).toEqual(['', 0]);
  expect(checked.out).toContain(`${rows} would be imported, 0 unchanged.`);
  const first = await run(name, sample(name), '--json');
  expect([first.err, JSON.parse(first.out)]).toEqual(['', { rows, imported: rows, unchanged: 0, problems: 0 }]);
  const second = await run(name, sample(name), '--json');
  expect(JSON.parse(second.out)).toEqual({ rows, imported: 0, unchanged: rows, problems: 0 });
});

test('a table with problems is refused whole, each with its line and column', async () => {
  const table = file(
    'wrong.csv',
    [
      'nip;name;kind;service_from;unit_code;position_title;position_kind;decree_number;decree_date;valid_from',
      '199505052019031901;Ani;PNS;01/03/2019;DINAS;Arsiparis;FUNGSIONAL;SK/9;01/02/2019;01/03/2021',
      '199505052019031902;=cmd|calc;PNS;01/03/2019;DINAS;Arsiparis;FUNGSIONAL;SK/9;01/02/2019;01/03/2021',
      '199513052019031903;Budi;PNS;01/03/2019;DINAS;Arsiparis;FUNGSIONAL;SK/9;01/02/2019;01/03/2021',
      '199505052019031904;Cici;PNS;30/02/2019;DINAS;Arsiparis;FUNGSIONAL;SK/9;01/02/2019;01/03/2021',
      '199505052019031905;Dedi;PNS;01/03/2019;NOWHERE;Arsiparis;FUNGSIONAL;SK/9;01/02/2019;01/03/2021',
    ].join('\r\n'),
  );
  const list = join(world.dataDir, 'problems.csv');
  const { code, err } = await run('employees', table, '--problems', list);
  expect(code).toBe(1);
  expect(err).toMatch(/line 3, column "name": .*\[CELL_FORMULA\]/);
  expect(err).toMatch(/line 4, column "nip": .*\[NIP_BIRTH_DATE\]/);
  expect(err).toMatch(/line 5, column "service_from": .*\[DATE_INVALID\]/);
  expect(err).toMatch(/line 6, column "unit_code": .*\[UNIT_NOT_FOUND\]/);
  expect(err).toContain('4 problem(s) in 5 rows. Nothing was written.');
  expect(readFileSync(list, 'utf8').split('\n')).toHaveLength(6);
  const { data } = await world.asked(
    'hr',
    'query ($agencyId: ID!) { employees(agencyId: $agencyId, search: "Ani") { edges { node { name } } } }',
    { agencyId: world.agencyId },
  );
  expect(data.employees.edges).toEqual([]);
});

test.each([
  [
    'a header that does not fit',
    'nip,cours_code,hours\n',
    /The column "cours_code" is unknown\. Is it "course_code"\?/,
    3,
  ],
  [
    'an unknown person',
    'nip,course_code,hours,certificate_number,starts_on,ends_on\n199505052019031999,PUB-01,4,Z-1,2026-01-05,2026-01-05\n',
    /line 2, column "nip": .*\[EMPLOYEE_NOT_FOUND\]/,
    1,
  ],
  [
    'an unknown course',
    'nip,course_code,hours,certificate_number,starts_on,ends_on\n199001012015012901,NONE,4,Z-1,2026-01-05,2026-01-05\n',
    /line 2, column "course_code": .*\[COURSE_NOT_FOUND\]/,
    1,
  ],
  [
    'a certificate that stands twice',
    `nip,course_code,hours,certificate_number,starts_on,ends_on\n${'199001012015012901,PUB-01,4,Z-1,2026-01-05,2026-01-05\n'.repeat(2)}`,
    /line 3, column "certificate_number": .*line 2.*\[DUPLICATE_ROW\]/,
    1,
  ],
  [
    'too many hours',
    'nip,course_code,hours,certificate_number,starts_on,ends_on\n199001012015012901,PUB-01,1000,Z-1,2026-01-05,2026-01-05\n',
    /line 2, column "hours": .*\[HOURS_OUT_OF_RANGE\]/,
    1,
  ],
])('%s is told so', async (_, content, message, code) => {
  const ended = await run('training', file('told.csv', content));
  expect([ended.code, ended.err]).toEqual([code, expect.stringMatching(message)]);
});

test.each([
  [['training'], 2, /npm run import -- </],
  [['nonsense', 'x.csv', '--as', 'hr'], 2, /There is no table "nonsense"/],
  [['training', '/nowhere.csv', '--as', 'hr'], 3, /cannot be read/],
  [['training', 'x.csv', '--as', 'hr', '--what'], 2, /Unknown option/],
])('the command %j ends with %i', async (args, code, message) => {
  const ended = await start(...args).ended;
  expect([ended.code, ended.err]).toEqual([code, expect.stringMatching(message)]);
});

test('a colleague may not import', async () => {
  const ended = await start('training', sample('training'), '--as', 'colleague').ended;
  expect([ended.code, ended.err]).toEqual([3, expect.stringContaining('may not')]);
});

test('cut short by kill -9, it goes on where it stopped, and every row is there once', async () => {
  const nips = ['197003051996031901', '197507121998022902', '199001012015012901', '199102022016021901'];
  const rows = Array.from({ length: 6000 }, (_, n) => {
    const day = `2025-${String((n % 12) + 1).padStart(2, '0')}-${String((n % 28) + 1).padStart(2, '0')}`;
    return `${nips[n % nips.length]},PUB-01,1,CUT-${n},${day},${day}`;
  });
  const table = file('long.csv', ['nip,course_code,hours,certificate_number,starts_on,ends_on', ...rows].join('\n'));
  const { child, ended } = start('training', table, '--as', 'hr');
  const folder = join(world.dataDir, 'imports');
  const progress = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).done.length)[0];
  await eventually(async () => progress() > 0, 60_000);
  child.kill('SIGKILL');
  expect((await ended).code).toBeNull();
  const again = await run('training', table, '--json');
  const { imported, unchanged, problems } = JSON.parse(again.out);
  expect([again.code, imported + unchanged, problems]).toEqual([0, 6000, 0]);
  expect(unchanged).toBeGreaterThan(0);
  expect(readdirSync(folder)).toEqual([]);
  const db = new pg.Client(world.merit.databases.competency);
  await db.connect();
  const { rows: found } = await db.query(
    "select count(*)::int as n, count(distinct certificate_number)::int as d from enrolment where certificate_number like 'CUT-%'",
  );
  await db.end();
  expect(found).toEqual([{ n: 6000, d: 6000 }]);
}, 180_000);
