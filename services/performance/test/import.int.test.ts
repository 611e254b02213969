import { randomUUID } from 'node:crypto';
import type { Viewer } from '@merit/chassis/api/viewer';
import { Role } from '@merit/proto/personnel';
import {
  admin,
  agencyRegistered,
  as,
  dataOf,
  employeeRegistered,
  OPEN_PERIOD,
  oneResult,
  operator,
  roleGranted,
  scene,
  scoreOf,
} from './scene.js';

const house = scene('2026-06-15T03:00:00Z');
const { give, graph } = house;
const agency = randomUUID();
const people = Array.from({ length: 1_000 }, () => randomUUID());
const hr = as(randomUUID());
const officer = people[0]!;

beforeAll(async () => {
  await give(
    agencyRegistered(agency),
    roleGranted(hr.employeeId, Role.HR, agency),
    roleGranted(officer, Role.HR, agency),
  );
  await give(...people.map((id) => employeeRegistered(id, agency)));
  dataOf(await graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
  await house.workOffAll();
});

const PLANS = `mutation Import($input: ImportPlansInput!) { importPlans(input: $input) { imported unchanged problems { row field code message } } }`;
const REALISATIONS = `mutation Import($input: ImportRealisationsInput!) { importRealisations(input: $input) { imported unchanged problems { row field code } } }`;
const planRow = (employeeId: string, over: object = {}) => ({
  employeeId,
  agreedOn: '2026-01-12',
  workResults: oneResult(),
  ...over,
});
const importPlans = async (rows: object[], over: object = {}, viewer: Viewer = hr) =>
  dataOf(await graph(viewer, PLANS, { input: { agencyId: agency, year: 2026, rows, ...over } })).importPlans;
const row = (employeeId: string, over: object = {}) => ({
  employeeId,
  indicator: 'Jumlah dokumen',
  quantity: 30,
  realisedOn: '2026-04-30',
  evidence: { text: 'Rekap SIAK April' },
  ...over,
});
const importRealisations = async (rows: object[], over: object = {}) =>
  dataOf(await graph(hr, REALISATIONS, { input: { agencyId: agency, year: 2026, rows, ...over } })).importRealisations;
const stored = async () => {
  const [counts] = await house.database.db.query(
    `select (select count(*) from performance_plan)::int as plans, (select count(*) from realisation)::int as realisations,
            (select count(*) from fact)::int as facts, (select count(*) from outbox)::int as events`,
  );
  return counts;
};

test('a thousand plans and their realisations enter, count, and enter once', async () => {
  expect(await importPlans(people.map((id) => planRow(id)))).toEqual({ imported: 1_000, unchanged: 0, problems: [] });
  expect(await importRealisations(people.map((id) => row(id)))).toEqual({
    imported: 1_000,
    unchanged: 0,
    problems: [],
  });
  expect(await scoreOf(house, people[999]!)).toMatchObject({ value: 42.86, coverage: 0.7 }); // 60 × 50 ÷ 70
  const before = await stored();
  expect(await importPlans(people.map((id) => planRow(id)))).toEqual({ imported: 0, unchanged: 1_000, problems: [] });
  expect(await importRealisations(people.map((id) => row(id)))).toEqual({
    imported: 0,
    unchanged: 1_000,
    problems: [],
  });
  expect(await stored()).toEqual(before);
});

describe('with any problem nothing is written, and every row is told', () => {
  test('plans', async () => {
    const [fresh, twice] = [randomUUID(), randomUUID()];
    await give(employeeRegistered(fresh, agency), employeeRegistered(twice, agency));
    const before = await stored();
    const rows = [
      planRow(fresh),
      planRow(people[1]!, { workResults: oneResult({ target: 99 }) }),
      planRow('nip 1234'),
      planRow(randomUUID()),
      planRow(twice),
      planRow(twice, { workResults: oneResult({ target: 7 }) }),
      planRow(people[2]!, { agreedOn: '2026-06-16' }),
      planRow(people[3]!, { workResults: oneResult({ unit: ' ' }) }),
      planRow(people[4]!, { workResults: oneResult({ evidenceSource: null }) }),
    ];
    const { imported, problems } = await importPlans(rows);
    expect(imported).toBe(2);
    expect(problems.map((p: { row: number; code: string; field: string }) => [p.row, p.code, p.field])).toEqual([
      [1, 'PLAN_EXISTS', 'employeeId'],
      [2, 'INVALID_ID', 'employeeId'],
      [3, 'EMPLOYEE_NOT_FOUND', 'employeeId'],
      [5, 'ROW_REPEATED', 'employeeId'],
      [6, 'AGREED_IN_FUTURE', 'agreedOn'],
      [7, 'TEXT_REQUIRED', 'workResults[0].indicators[0].unit'],
      [8, 'PLAN_INCOMPLETE', 'workResults[0].indicators[0].evidenceSource'],
    ]);
    expect(await stored()).toEqual(before);
  });

  test('realisations', async () => {
    const bare = randomUUID();
    await give(employeeRegistered(bare, agency));
    const before = await stored();
    const { imported, problems } = await importRealisations([
      row(people[1]!, { quantity: 5 }),
      row(people[1]!, { indicator: 'Mutu' }),
      row(bare),
      row(people[2]!, { realisedOn: '2026-07-01' }),
      row(people[3]!, { evidence: {} }),
      row(people[1]!, { quantity: 5 }),
    ]);
    expect([imported, problems]).toEqual([
      1,
      [
        { row: 1, field: 'indicator', code: 'INDICATOR_NOT_FOUND' },
        { row: 2, field: 'employeeId', code: 'PLAN_NOT_FOUND' },
        { row: 3, field: 'realisedOn', code: 'REALISED_IN_FUTURE' },
        { row: 4, field: 'evidence', code: 'EVIDENCE_REQUIRED' },
      ],
    ]);
    expect(await stored()).toEqual(before);
  });
});

test('asked only to validate, it says what would happen', async () => {
  const id = randomUUID();
  await give(employeeRegistered(id, agency));
  const before = await stored();
  expect(await importPlans([planRow(id)], { validateOnly: true })).toEqual({ imported: 1, unchanged: 0, problems: [] });
  expect(await stored()).toEqual(before);
});

test('an indicator is found within its work result when its name is there twice', async () => {
  const id = randomUUID();
  await give(employeeRegistered(id, agency));
  const [result] = oneResult();
  await importPlans([planRow(id, { workResults: [result, { ...result, title: 'Akta', kind: 'TAMBAHAN' }] })]);
  expect((await importRealisations([row(id)])).problems).toEqual([
    { row: 0, field: 'workResult', code: 'INDICATOR_AMBIGUOUS' },
  ]);
  expect(await importRealisations([row(id, { workResult: ' akta ' })])).toMatchObject({ imported: 1 });
});

test('nobody enters their own, and nobody but HR of the agency enters any', async () => {
  expect((await importPlans([planRow(officer)], {}, as(officer))).problems).toMatchObject([
    { row: 0, code: 'OWN_RECORD' },
  ]);
  const input = { agencyId: agency, year: 2026, rows: [] };
  for (const viewer of [as(people[5]!), admin, operator('someone')]) {
    expect((await graph(viewer, PLANS, { input })).errors?.[0].extensions.code).toBe('FORBIDDEN');
    expect((await graph(viewer, REALISATIONS, { input })).errors?.[0].extensions.code).toBe('FORBIDDEN');
  }
});

test('what is too much, or for a year that is not open, is refused whole', async () => {
  const many = Array.from({ length: 1_001 }, () => planRow(people[1]!));
  const answer = await graph(hr, PLANS, { input: { agencyId: agency, year: 2026, rows: many } });
  expect(answer.errors?.[0].extensions).toMatchObject({ code: 'TOO_MANY_ROWS', field: 'rows' });
  const closed = await graph(hr, PLANS, { input: { agencyId: agency, year: 2024, rows: [] } });
  expect(closed.errors?.[0].extensions).toMatchObject({ code: 'PERIOD_NOT_FOUND', field: 'year' });
});

test('the same import twice at once enters once', async () => {
  const ids = Array.from({ length: 50 }, () => randomUUID());
  await give(...ids.map((id) => employeeRegistered(id, agency)));
  await importPlans(ids.map((id) => planRow(id)));
  const answers = await Promise.all([1, 2, 3].map(() => importRealisations(ids.map((id) => row(id)))));
  expect(answers.map(({ imported }) => imported).sort()).toEqual([0, 0, 50]);
});
