import { randomUUID } from 'node:crypto';
import type { Viewer } from '@merit/chassis/api/viewer';
import { outboxOf } from '@merit/chassis/testing';
import { Role } from '@merit/proto/personnel';
import {
  AGREE_PLAN,
  admin,
  agencyRegistered,
  as,
  DRAFT_PLAN,
  dataOf,
  employeeRegistered,
  OPEN_PERIOD,
  oneResult,
  PUBLIC,
  positionAssigned,
  REPORT,
  roleGranted,
  scene,
  scoreOf,
  unitRegistered,
} from './scene.js';

const house = scene('2026-06-15T03:00:00Z');
const { give, graph } = house;
const [agency, top, unit] = [randomUUID(), randomUUID(), randomUUID()];
const [chief, boss, colleague] = [randomUUID(), randomUUID(), randomUUID()];
const hr = as(randomUUID());

beforeAll(async () => {
  await give(
    agencyRegistered(agency),
    unitRegistered(top, agency),
    unitRegistered(unit, agency, top),
    ...[chief, boss, colleague].map((id) => employeeRegistered(id, agency)),
    positionAssigned(chief, top, { leading: true }),
    positionAssigned(boss, unit, { leading: true }),
    positionAssigned(colleague, unit),
    roleGranted(hr.employeeId, Role.HR, agency),
  );
  dataOf(await graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
});
beforeEach(() => house.at('2026-06-15T03:00:00Z'));

/** Someone of the unit. */
async function someone(serviceFrom?: string): Promise<string> {
  const id = randomUUID();
  await give(employeeRegistered(id, agency, serviceFrom), positionAssigned(id, unit));
  return id;
}
const codes = (answer: { errors?: { extensions: { code: string; field?: string } }[] }) =>
  answer.errors?.map(({ extensions }) => extensions.code);

async function drafted(id: string, over: object = {}) {
  const input = { employeeId: id, year: 2026, workResults: oneResult(), ...over };
  return dataOf(await graph(as(id), DRAFT_PLAN, { input })).draftPlan.plan;
}
async function agreed(id: string, over: object = {}) {
  const plan = await drafted(id, over);
  dataOf(await graph(as(boss), AGREE_PLAN, { input: { planId: plan.id } }));
  return plan;
}
const PLAN = `
  query Plan($id: ID!) {
    _entities(representations: [{ __typename: "Employee", id: $id }]) { ... on Employee {
      plan(year: 2026) {
        status version startsOn endsOn agreedBy { id } employee { id } period { year agency { id } }
        workResults { title kind indicators {
          name aspect target unit realised
          revisions { oldTarget newTarget reason revisedBy { kind employee { id } } }
          realisations(first: 2) { edges { cursor node { quantity realisedOn replaced replacesId evidence { text url } reportedBy { employee { id } } } } pageInfo { hasNextPage } }
        } }
      }
    } }
  }`;
const planOf = async (id: string, viewer = as(id)) => dataOf(await graph(viewer, PLAN, { id }))._entities[0].plan;
const REVISE = `mutation Revise($input: ReviseIndicatorInput!) { reviseIndicator(input: $input) { plan { version workResults { indicators { target } } } } }`;
const CORRECT = `mutation Correct($input: CorrectRealisationInput!) { correctRealisation(input: $input) { realisation { id quantity replacesId } } }`;
const evidence = { text: 'Rekap SIAK' };

describe('a plan', () => {
  test('is drafted by the employee, rewritten, agreed by the supervisor, and shown', async () => {
    const id = await someone();
    const first = await drafted(id, { workResults: [] });
    expect(first).toMatchObject({
      status: 'DRAFT',
      version: 1,
      startsOn: '2026-01-01',
      endsOn: '2026-12-31',
      workResults: [],
    });
    const second = await drafted(id, { expectedVersion: 1 });
    expect(second).toMatchObject({ id: first.id, version: 2 });
    const { agreePlan } = dataOf(
      await graph(as(boss), AGREE_PLAN, { input: { planId: first.id, expectedVersion: 2 } }),
    );
    expect(agreePlan.plan).toEqual({
      id: first.id,
      status: 'AGREED',
      version: 3,
      agreedBy: { id: boss },
      agreedAt: '2026-06-15T03:00:00.000Z',
    });
    expect(await planOf(id)).toMatchObject({
      status: 'AGREED',
      employee: { id },
      period: { year: 2026, agency: { id: agency } },
      workResults: [
        {
          title: 'Dokumen kependudukan terbit',
          kind: 'UTAMA',
          indicators: [{ name: 'Jumlah dokumen', aspect: 'QUANTITY', target: 120, unit: 'dokumen', realised: null }],
        },
      ],
    });
    expect((await outboxOf(house.database.db, first.id)).map(({ type, key }) => [type, key])).toEqual([
      ['merit.performance.v1.PlanAgreed', id],
    ]);
  });

  test('of someone who joined within the year begins on that day', async () => {
    expect(await drafted(await someone('2026-04-15'))).toMatchObject({ startsOn: '2026-04-15' });
  });

  test.each<[string, object, string, string]>([
    [
      'a title of nothing',
      { workResults: [{ title: ' ', kind: 'UTAMA', indicators: [] }] },
      'TEXT_REQUIRED',
      'workResults[0].title',
    ],
    [
      'a title with a null byte',
      { workResults: [{ title: 'a\0b', kind: 'UTAMA', indicators: [] }] },
      'TEXT_INVALID',
      'workResults[0].title',
    ],
    [
      'a title of a megabyte',
      { workResults: [{ title: 'a'.repeat(1e6), kind: 'UTAMA', indicators: [] }] },
      'TEXT_TOO_LONG',
      'workResults[0].title',
    ],
    [
      'a target below nothing',
      { workResults: oneResult({ target: -1 }) },
      'QUANTITY_INVALID',
      'workResults[0].indicators[0].target',
    ],
    ['a day outside the year', { startsOn: '2025-12-31' }, 'PLAN_DATES_INVALID', 'startsOn'],
    ['a year that is not open', { year: 2031 }, 'PERIOD_NOT_FOUND', 'year'],
    ['a version that is not the last', { expectedVersion: 4 }, 'CONFLICT', 'expectedVersion'],
  ])('%s is refused by name', async (_, over, code, field) => {
    const id = await someone();
    const { errors } = await graph(as(id), DRAFT_PLAN, {
      input: { employeeId: id, year: 2026, workResults: oneResult(), ...over },
    });
    expect(errors?.[0].extensions).toMatchObject({ code, field });
  });

  test('may say its work in any script', async () => {
    const id = await someone();
    const title = 'خدمة المواطنين 😀 – “Gampong”';
    const plan = await drafted(id, { workResults: [{ ...oneResult()[0], title }] });
    expect(plan.workResults[0].title).toBe(title);
  });

  test('is agreed when it is complete, once, by a supervisor, and never by oneself', async () => {
    const id = await someone();
    const plan = await drafted(id, { workResults: oneResult({ unit: null }) });
    const agree = (viewer: Viewer = as(boss)) => graph(viewer, AGREE_PLAN, { input: { planId: plan.id } });
    expect((await agree()).errors?.[0].extensions).toMatchObject({
      code: 'PLAN_INCOMPLETE',
      field: 'workResults[0].indicators[0].unit',
    });
    await drafted(id);
    expect(codes(await agree(as(id)))).toEqual(['OWN_RECORD']);
    for (const other of [hr, PUBLIC]) expect(codes(await agree(other))).toEqual(['FORBIDDEN']);
    for (const other of [as(colleague), admin]) expect(codes(await agree(other))).toEqual(['PLAN_NOT_FOUND']);
    expect(codes(await agree(as(chief)))).toBeUndefined();
    expect(codes(await agree())).toEqual(['PLAN_ALREADY_AGREED']);
    const { errors } = await graph(as(id), DRAFT_PLAN, { input: { employeeId: id, year: 2026, workResults: [] } });
    expect(errors?.[0].extensions.code).toBe('PLAN_ALREADY_AGREED');
  });

  test('the same key gives the same answer, with one effect', async () => {
    const id = await someone();
    const input = { employeeId: id, year: 2026, workResults: oneResult(), idempotencyKey: 'draft-1' };
    const answers = await Promise.all([1, 2, 3].map(() => graph(as(id), DRAFT_PLAN, { input })));
    expect(answers.map((answer) => dataOf(answer).draftPlan.plan.version)).toEqual([1, 1, 1]);
    const { errors } = await graph(as(id), DRAFT_PLAN, { input: { ...input, year: 2027 } });
    expect(errors?.[0].extensions.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('two who draft the same plan at once do not both win', async () => {
    const id = await someone();
    const input = { employeeId: id, year: 2026, workResults: oneResult(), expectedVersion: 0 };
    const answers = await Promise.all(
      [as(id), as(boss), as(chief)].map((viewer) => graph(viewer, DRAFT_PLAN, { input })),
    );
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(answers.flatMap((answer) => codes(answer) ?? [])).toEqual(['CONFLICT', 'CONFLICT']);
  });
});

describe('an indicator of an agreed plan', () => {
  test('is revised by the supervisor; both targets are shown, and the score follows', async () => {
    const id = await someone();
    const { workResults } = await agreed(id);
    const [{ id: indicatorId }] = workResults[0].indicators;
    dataOf(await graph(as(id), REPORT, { input: { indicatorId, quantity: 30, realisedOn: '2026-06-01', evidence } }));
    expect((await scoreOf(house, id)).parts[0].attainment).toBe(50);
    const input = { indicatorId, target: 60, reason: 'Dua loket ditutup', expectedVersion: 2 };
    expect(dataOf(await graph(as(boss), REVISE, { input })).reviseIndicator.plan).toMatchObject({
      version: 3,
      workResults: [{ indicators: [{ target: 60 }] }],
    });
    expect((await scoreOf(house, id)).parts[0].attainment).toBe(100);
    const [result] = (await planOf(id)).workResults;
    expect(result.indicators[0].revisions).toEqual([
      {
        oldTarget: 120,
        newTarget: 60,
        reason: 'Dua loket ditutup',
        revisedBy: { kind: 'EMPLOYEE', employee: { id: boss } },
      },
    ]);
    expect(codes(await graph(as(boss), REVISE, { input }))).toEqual(['CONFLICT']);
    expect(codes(await graph(as(id), REVISE, { input: { ...input, expectedVersion: null } }))).toEqual(['OWN_RECORD']);
    expect(codes(await graph(hr, REVISE, { input }))).toEqual(['FORBIDDEN']);
    expect(codes(await graph(as(colleague), REVISE, { input }))).toEqual(['INDICATOR_NOT_FOUND']);
  });

  test("R5: late in the year only the supervisor's superior makes a target easier", async () => {
    const id = await someone();
    const [{ id: indicatorId }] = (await agreed(id)).workResults[0].indicators;
    house.at('2026-10-15T03:00:00Z');
    const revise = (viewer: ReturnType<typeof as>, target: number) =>
      graph(viewer, REVISE, { input: { indicatorId, target, reason: 'Beban kerja' } });
    expect(codes(await revise(as(boss), 100))).toEqual(['EASING_NEEDS_SUPERIOR']);
    expect(codes(await revise(as(chief), 100))).toBeUndefined();
    expect(codes(await revise(as(boss), 110))).toBeUndefined();
  });
});

describe('a realisation', () => {
  test('adds up, is corrected, and the correction counts', async () => {
    const id = await someone();
    const [{ id: indicatorId }] = (await agreed(id)).workResults[0].indicators;
    const reportOn = async (quantity: number, realisedOn: string) =>
      dataOf(
        await graph(as(id), REPORT, {
          input: { indicatorId, quantity, realisedOn, evidence: { url: 'https://siak.example/1' } },
        }),
      ).reportRealisation.realisation.id;
    await reportOn(10.5, '2026-02-01');
    await reportOn(9.5, '2026-03-01');
    const wrong = await reportOn(400, '2026-04-01');
    const input = { realisationId: wrong, quantity: 40, realisedOn: '2026-04-01', evidence };
    expect(dataOf(await graph(as(id), CORRECT, { input })).correctRealisation.realisation).toMatchObject({
      quantity: 40,
      replacesId: wrong,
    });
    expect(codes(await graph(as(id), CORRECT, { input }))).toEqual(['REALISATION_REPLACED']);
    const [indicator] = (await planOf(id)).workResults[0].indicators;
    expect(indicator.realised).toBe(60);
    const april = indicator.realisations.edges.map(({ node }: { node: { quantity: number; replaced: boolean } }) => [
      node.quantity,
      node.replaced,
    ]);
    expect(april).toEqual([
      [40, false],
      [400, true],
    ]);
    expect(indicator.realisations.pageInfo).toEqual({ hasNextPage: true });
    const score = await scoreOf(house, id);
    expect(score.parts[0]).toMatchObject({ attainment: 100 });
    expect(score.parts[0].sources.map(({ quantity }: { quantity: number }) => quantity)).toEqual([10.5, 9.5, 40]);
  });

  test('two corrections at once: one takes the place', async () => {
    const id = await someone();
    const [{ id: indicatorId }] = (await agreed(id)).workResults[0].indicators;
    const { reportRealisation } = dataOf(
      await graph(as(id), REPORT, { input: { indicatorId, quantity: 10, realisedOn: '2026-02-01', evidence } }),
    );
    const realisationId = reportRealisation.realisation.id;
    const input = { realisationId, quantity: 12, realisedOn: '2026-02-01', evidence };
    const answers = await Promise.all(Array.from({ length: 5 }, () => graph(as(id), CORRECT, { input })));
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
    expect(new Set(answers.flatMap((answer) => codes(answer) ?? []))).toEqual(new Set(['REALISATION_REPLACED']));
    expect((await planOf(id)).workResults[0].indicators[0].realised).toBe(12);
  });

  test('levels are shown as their mean', async () => {
    const id = await someone();
    const workResults = oneResult({ aspect: 'QUALITY', target: 100, unit: 'persen' });
    const [{ id: indicatorId }] = (await agreed(id, { workResults })).workResults[0].indicators;
    for (const quantity of [80, 90, 90]) {
      dataOf(await graph(as(id), REPORT, { input: { indicatorId, quantity, realisedOn: '2026-05-01', evidence } }));
    }
    expect((await planOf(id)).workResults[0].indicators[0].realised).toBe(86.6667);
    expect((await scoreOf(house, id)).parts[0].attainment).toBe(86.67);
  });

  test('twenty at once all count', async () => {
    const id = await someone();
    const [{ id: indicatorId }] = (await agreed(id)).workResults[0].indicators;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        graph(as(id), REPORT, { input: { indicatorId, quantity: 1, realisedOn: '2026-05-01', evidence } }),
      ),
    );
    for (const answer of answers) dataOf(answer);
    expect((await scoreOf(house, id)).parts[0]).toMatchObject({ attainment: 33.33 });
  });

  test.each<[string, object, string]>([
    ['of the future', { realisedOn: '2026-06-16' }, 'REALISED_IN_FUTURE'],
    ['of another year', { realisedOn: '2025-06-01' }, 'REALISED_OUTSIDE_PLAN'],
    ['without evidence', { evidence: {} }, 'EVIDENCE_REQUIRED'],
    ['with a script for a link', { evidence: { url: 'javascript:alert(1)' } }, 'URL_INVALID'],
    ['of less than nothing', { quantity: -1 }, 'QUANTITY_INVALID'],
    ['of a milliard milliards', { quantity: 1e18 }, 'QUANTITY_INVALID'],
    ['on no indicator', { indicatorId: randomUUID() }, 'INDICATOR_NOT_FOUND'],
    ['on an id that is none', { indicatorId: '1' }, 'INVALID_ID'],
  ])('%s is refused', async (_, over, code) => {
    const id = await someone();
    const [{ id: indicatorId }] = (await agreed(id)).workResults[0].indicators;
    const input = { indicatorId, quantity: 1, realisedOn: '2026-06-15', evidence, ...over };
    expect(codes(await graph(as(id), REPORT, { input }))).toEqual([code]);
    expect((await planOf(id)).workResults[0].indicators[0].realised).toBeNull();
  });

  test('on a day that does not exist, or a draft, is refused', async () => {
    const id = await someone();
    const [{ id: indicatorId }] = (await drafted(id)).workResults[0].indicators;
    const input = { indicatorId, quantity: 1, realisedOn: '2026-06-15', evidence };
    expect(codes(await graph(as(id), REPORT, { input: { ...input, realisedOn: '2026-02-30' } }))).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(codes(await graph(as(id), REPORT, { input }))).toEqual(['PLAN_NOT_AGREED']);
  });

  test("is one's own alone", async () => {
    const id = await someone();
    const [{ id: indicatorId }] = (await agreed(id)).workResults[0].indicators;
    const input = { indicatorId, quantity: 1, realisedOn: '2026-06-15', evidence };
    for (const viewer of [as(boss), hr]) expect(codes(await graph(viewer, REPORT, { input }))).toEqual(['FORBIDDEN']);
    for (const viewer of [as(colleague), admin]) {
      expect(codes(await graph(viewer, REPORT, { input }))).toEqual(['INDICATOR_NOT_FOUND']);
    }
  });
});

describe('who may see', () => {
  const PERSON = `query Person($id: ID!) { _entities(representations: [{ __typename: "Employee", id: $id }]) { ... on Employee { id plan(year: 2026) { status } score(year: 2026) { value } } } }`;

  test.each([
    ['the employee', (id: string) => as(id)],
    ['the supervisor', () => as(boss)],
    ['the supervisor above', () => as(chief)],
    ['the personnel officer', () => hr],
  ])('%s sees plan and score', async (_, viewer) => {
    const id = await someone();
    await agreed(id);
    expect(dataOf(await graph(viewer(id), PERSON, { id }))._entities).toEqual([
      { id, plan: { status: 'AGREED' }, score: { value: 0 } },
    ]);
  });

  test('a colleague does not, and who runs the system does not see the person', async () => {
    const id = await someone();
    await agreed(id);
    expect((await graph(admin, PERSON, { id })).data._entities).toEqual([null]);
    const { data, errors } = await graph(as(colleague), PERSON, { id });
    expect(data._entities).toEqual([{ id, plan: null, score: null }]);
    expect(errors?.map(({ path, extensions }) => [path.join('.'), extensions.code])).toEqual([
      ['_entities.0.plan', 'FORBIDDEN'],
      ['_entities.0.score', 'FORBIDDEN'],
    ]);
  });

  test('the public sees nothing, and of someone unknown there is nothing to see', async () => {
    const id = await someone();
    expect((await graph(PUBLIC, PERSON, { id })).data._entities).toEqual([null]);
    expect((await graph(as(colleague), PERSON, { id: randomUUID() })).data._entities).toEqual([null]);
    expect((await graph(as(colleague), PERSON, { id: 'x' })).data._entities).toEqual([null]);
  });
});
