import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { outboxOf } from '@merit/chassis/testing';
import { SatisfactionMeasuredSchema } from '@merit/proto/feedback';
import { runJobs } from '../src/jobs.js';
import { allSaid, allTold } from './told.js';
import { bySystem, codes, feedbackTown, people, statementsOf, units } from './town.js';

const { database, clock, ask, service } = feedbackTown();

const ISSUE = `mutation ($input: IssueSurveyTokensInput!) { issueSurveyTokens(input: $input) { tokens } }`;
const ANSWER = `mutation ($input: AnswerSurveyInput!) { answerSurvey(input: $input) { service { id } } }`;
const BATCH = `mutation ($input: IssuePaperBatchInput!) { issuePaperBatch(input: $input) { batchCode count issuedOn } }`;
const FORMS = `mutation ($input: ImportSurveyResponsesInput!) {
  importSurveyResponses(input: $input) { imported uncounted unchanged problems { row field code } } }`;
const SERVED = `mutation ($input: RecordPeopleServedInput!) { recordPeopleServed(input: $input) { service { id } } }`;
const SATISFACTION = `index grade respondents population asOf suppressed elements { element average index grade }`;
const UNIT = `query ($refs: [_Any!]!, $year: Int!) { _entities(representations: $refs) { ... on Unit {
  satisfaction(year: $year) { ${SATISFACTION} } } } }`;
const SERVICE = `query ($id: ID!, $year: Int!) { publicService(id: $id) { satisfaction(year: $year) { ${SATISFACTION} } } }`;
const SURVEY = `query ($id: ID!, $year: Int!) { publicService(id: $id) {
  survey(year: $year) { counted uncounted issued population sample } } }`;

const answers = (of: number, over: object = {}) => ({
  persyaratan: of,
  prosedur: of,
  waktu: of,
  biaya: of,
  produk: of,
  kompetensi: of,
  perilaku: of,
  pengaduan: of,
  sarana: of,
  ...over,
});

const issue = async (serviceId: string, count: number): Promise<string[]> =>
  (await ask(people.system, ISSUE, { input: { serviceId, count } })).data.issueSurveyTokens.tokens;
const answer = (token: string, given: object = answers(4)) =>
  ask(people.public, ANSWER, { input: { token, answers: given } });
const batch = async (serviceId: string, count: number, issuedOn = '2026-01-01'): Promise<string> =>
  (await ask(people.system, BATCH, { input: { serviceId, count, issuedOn } })).data.issuePaperBatch.batchCode;
const enter = (serviceId: string, rows: object[], over: object = {}) =>
  ask(people.system, FORMS, { input: { serviceId, rows, ...over } });
const form = (batchCode: string | null, number: number | null, answeredOn: string, of = 3) => ({
  batchCode,
  number,
  answeredOn,
  answers: answers(of),
});
const five = (batchCode: string, answeredOn: string, from = 1) =>
  Array.from({ length: 5 }, (_, i) => form(batchCode, from + i, answeredOn));
const ofUnit = async (id: string, year = 2026) =>
  (await ask(people.public, UNIT, { refs: [{ __typename: 'Unit', id }], year })).data._entities[0].satisfaction;
const ofService = async (id: string, year = 2026) =>
  (await ask(people.public, SERVICE, { id, year })).data.publicService.satisfaction;
const measured = async (serviceId: string) =>
  (await outboxOf(database.db, serviceId))
    .filter(({ type }) => type.endsWith('SatisfactionMeasured'))
    .map(({ payload }) => fromBinary(SatisfactionMeasuredSchema, payload));
const jobs = () => runJobs(database.db, bySystem, clock.now);
const at = (instant: string) => {
  clock.now = new Date(instant);
};
const responses = async (serviceId: string) =>
  (await database.db.query('select count(*)::int as n from survey_response where service_id = $1', [serviceId]))[0].n;

beforeEach(() => at('2026-04-06T05:00:00Z'));

describe('a survey by tokens', () => {
  test('counts each token once, and keeps nothing of who answered', async () => {
    const id = await service('TOKEN');
    const [token] = await issue(id, 1);
    expect((await answer(token!)).data).toEqual({ answerSurvey: { service: { id } } });
    expect(codes(await answer(token!))).toEqual(['SURVEY_TOKEN_USED token']);
    expect(await responses(id)).toBe(1);
    const [stored] = await database.db.query('select * from survey_response where service_id = $1', [id]);
    expect(stored).toMatchObject({ answered_on: '2026-04-06', counted: true, batch_id: null, number: null });
    const kept = JSON.stringify(await database.db.query('select * from survey_token'));
    expect(kept).not.toContain(token);
  });

  test('gives the same tokens for the same request, though none is stored', async () => {
    const serviceId = await service('AGAIN');
    const input = { serviceId, count: 3, idempotencyKey: 'same' };
    const first = await ask(people.clerk, ISSUE, { input });
    expect(await ask(people.clerk, ISSUE, { input })).toEqual(first);
    expect(new Set(first.data.issueSurveyTokens.tokens).size).toBe(3);
    expect(await database.db.query('select 1 from survey_batch where service_id = $1', [serviceId])).toHaveLength(1);
  });

  test('a signed-in employee answers as one of the public', async () => {
    const id = await service('UNNAMED');
    const [token] = await issue(id, 1);
    await ask(people.colleague, ANSWER, { input: { token, answers: answers(4), idempotencyKey: randomUUID() } });
    const rows = await database.db.query(`select subject from idempotency where mutation = 'answerSurvey'`);
    expect(rows).toEqual([{ subject: 'public' }]);
  });

  test.each([
    ['a guess', { token: 'x'.repeat(43) }, 'SURVEY_TOKEN_INVALID token'],
    ['nothing', { token: '' }, 'TEXT_REQUIRED token'],
    ['a megabyte', { token: 'x'.repeat(1_000_000) }, 'TEXT_TOO_LONG token'],
    ['a null byte', { token: '\u0000' }, 'TEXT_INVALID token'],
  ])('is not opened by %s', async (_, over, code) => {
    expect(codes(await ask(people.public, ANSWER, { input: { answers: answers(4), ...over } }))).toEqual([code]);
  });

  test.each([0, 5, -1, 1e9])('takes no answer of %p, and the token stays good', async (of) => {
    const id = await service(`RANGE${of}`);
    const [token] = await issue(id, 1);
    expect(codes(await answer(token!, answers(4, { waktu: of })))).toEqual(['ANSWER_OUT_OF_RANGE answers.waktu']);
    expect((await answer(token!)).errors).toBeUndefined();
  });

  test.each([
    ['public', 'FORBIDDEN'],
    ['colleague', 'FORBIDDEN'],
    ['admin', 'FORBIDDEN'],
  ] as const)('is not issued by %s', async (who, code) => {
    const serviceId = await service(`NOT-${who}`);
    expect(codes(await ask(people[who], ISSUE, { input: { serviceId, count: 1 } }))).toEqual([code]);
  });

  test.each([0, 1001, -1])('is not issued %p times', async (count) => {
    const serviceId = await service(`SIZE${count}`);
    expect(codes(await ask(people.hr, ISSUE, { input: { serviceId, count } }))).toEqual([
      'BATCH_SIZE_OUT_OF_RANGE count',
    ]);
  });

  test('of 10,000 simultaneous answers by one token one counts, and every other gets a clear answer', async () => {
    const id = await service('BURST');
    const [token] = await issue(id, 1);
    const all = await Promise.all(Array.from({ length: 10_000 }, () => answer(token!)));
    const seen = new Map<string, number>();
    for (const one of all) {
      const said = codes(one)?.[0] ?? 'answered';
      seen.set(said, (seen.get(said) ?? 0) + 1);
    }
    expect(seen.get('answered')).toBe(1);
    expect([...seen.keys()].every((said) => ['answered', 'SURVEY_TOKEN_USED token', 'OVERLOADED'].includes(said))).toBe(
      true,
    );
    expect(await responses(id)).toBe(1);
  });
});

describe('paper forms', () => {
  test('count by the number of an issued form; others are kept and do not', async () => {
    const id = await service('PAPER');
    const other = await service('PAPER-OTHER');
    const [code, foreign] = [await batch(id, 10), await batch(other, 10)];
    const rows = [
      form(code, 1, '2026-02-01'),
      form(code.toLowerCase(), 10, '2026-02-01'),
      form(code, 11, '2026-02-01'),
      form(foreign, 1, '2026-02-01'),
      form('NONE', 1, '2026-02-01'),
      form(null, null, '2026-02-01'),
      form(null, null, '2026-02-01'),
    ];
    const first = await enter(id, rows);
    expect(first.data.importSurveyResponses).toEqual({ imported: 7, uncounted: 5, unchanged: 0, problems: [] });
    const again = await enter(id, rows);
    expect(again.data.importSurveyResponses).toEqual({ imported: 0, uncounted: 0, unchanged: 7, problems: [] });
    expect(await responses(id)).toBe(7);
    const { data } = await ask(people.clerk, SURVEY, { id, year: 2026 });
    expect(data.publicService.survey).toEqual({ counted: 2, uncounted: 5, issued: 10, population: null, sample: null });
  });

  test('are refused as a whole when one is at fault', async () => {
    const id = await service('FAULT');
    const code = await batch(id, 10, '2026-02-01');
    await enter(id, [form(code, 1, '2026-02-02', 4)]);
    const { data } = await enter(id, [
      form(code, 2, '2026-02-02'),
      form(code, 1, '2026-02-02', 3),
      form(code, 3, '2026-01-31'),
      form(code, 4, '2026-04-07'),
      { ...form(code, 5, '2026-02-02'), answers: answers(3, { sarana: 0 }) },
      form(code, 6, '2026-02-02', 3),
      form(code, 6, '2026-02-02', 4),
    ]);
    expect(data.importSurveyResponses.problems).toEqual([
      { row: 1, field: 'number', code: 'FORM_ALREADY_ENTERED' },
      { row: 2, field: 'answeredOn', code: 'ANSWERED_BEFORE_ISSUE' },
      { row: 3, field: 'answeredOn', code: 'DATE_IN_FUTURE' },
      { row: 4, field: 'answers.sarana', code: 'ANSWER_OUT_OF_RANGE' },
      { row: 6, field: 'number', code: 'ROW_REPEATED' },
    ]);
    expect(await responses(id)).toBe(1);
  });

  test('come by the thousand, and twice changes nothing', async () => {
    const id = await service('BULK');
    const code = await batch(id, 1000);
    const rows = Array.from({ length: 1000 }, (_, i) => form(code, i + 1, '2026-03-02', (i % 4) + 1));
    expect((await enter(id, rows, { validateOnly: true })).data.importSurveyResponses.imported).toBe(1000);
    expect(await responses(id)).toBe(0);
    expect((await enter(id, rows)).data.importSurveyResponses).toMatchObject({ imported: 1000, uncounted: 0 });
    expect((await enter(id, rows)).data.importSurveyResponses).toMatchObject({ imported: 0, unchanged: 1000 });
    expect(await responses(id)).toBe(1000);
    expect(codes(await enter(id, [...rows, rows[0]!]))).toEqual(['TOO_MANY_ROWS rows']);
  });

  test('take as many statements for a thousand as for ten', async () => {
    const id = await service('STATEMENTS');
    const code = await batch(id, 2000);
    const rows = (from: number, n: number) =>
      Array.from({ length: n }, (_, i) => form(code, from + i, '2026-03-02', 3));
    const few = await statementsOf(database.db, () => enter(id, rows(1, 10)));
    expect(await statementsOf(database.db, () => enter(id, rows(501, 1000)))).toBe(few);
  });

  test('of one file sent by two people at once, each form counts once', async () => {
    const id = await service('RACE');
    const code = await batch(id, 300);
    const rows = Array.from({ length: 300 }, (_, i) => form(code, i + 1, '2026-03-02'));
    const [one, two] = await Promise.all([enter(id, rows), enter(id, rows)]);
    for (const { data, errors } of [one, two]) {
      expect(errors ? codes({ errors }) : [data.importSurveyResponses.imported]).toEqual(
        errors ? ['BUSY'] : [expect.any(Number)],
      );
    }
    expect(await responses(id)).toBe(300);
  });
});

describe('measuring', () => {
  const enterQuarter = async (id: string) => {
    const code = await batch(id, 100);
    const rows = [
      ...Array.from({ length: 12 }, (_, i) => form(code, i + 1, '2026-01-15', 4)),
      ...Array.from({ length: 9 }, (_, i) => form(code, i + 20, '2026-02-15', 2)),
      ...Array.from({ length: 15 }, (_, i) => form(code, i + 40, '2026-03-31', 3)),
    ];
    await enter(id, rows);
    return code;
  };

  test('catches up on the months that have passed, each replacing the last', async () => {
    const id = await service('MEASURE');
    await enterQuarter(id);
    await jobs();
    const events = await measured(id);
    expect(events.map(({ windowFrom, windowTo, respondents }) => [windowFrom, windowTo, respondents])).toEqual([
      ['2026-01-01', '2026-01-31', 12],
      ['2026-01-01', '2026-02-28', 21],
      ['2026-01-01', '2026-03-31', 36],
    ]);
    expect(events.map(({ supersedesId }) => supersedesId)).toEqual([
      undefined,
      ...events.slice(0, 2).map((e) => e.measurementId),
    ]);
    expect(events[2]!.elements).toHaveLength(9);
    expect(events[2]!.elements.every(({ sum }) => sum === 12n * 4n + 9n * 2n + 15n * 3n)).toBe(true);
    expect(events[2]!.unitId).toBe(units.disdukcapil);
  });

  test('again says nothing new', async () => {
    const before = await outboxOf(database.db);
    expect((await jobs()).measured).toBe(0);
    expect(await outboxOf(database.db)).toEqual(before);
  });

  test('waits for the month to end where the agency is: Jayapura is two hours ahead', async () => {
    const [west, east] = [await service('WEST', units.simeulue), await service('EAST', units.jayapura)];
    for (const id of [west, east]) await enter(id, five(await batch(id, 5), '2026-04-01'));
    at('2026-04-30T16:00:00Z');
    await jobs();
    expect([await measured(west), await measured(east)].map((made) => made.length)).toEqual([0, 1]);
    at('2026-04-30T17:00:00Z');
    await jobs();
    expect([await measured(west), await measured(east)].map((made) => made.length)).toEqual([1, 1]);
  });

  test('goes on each month, also without new answers, and into no other year', async () => {
    const id = await service('YEAR', units.simeulue);
    await enter(id, five(await batch(id, 5), '2026-04-01'));
    at('2027-02-10T05:00:00Z');
    await jobs();
    const windows = (await measured(id)).map(({ windowTo }) => windowTo);
    expect(windows).toHaveLength(9);
    expect(windows.at(-1)).toBe('2026-12-31');
  });

  test('is done anew when five answers have come late, and not before', async () => {
    const id = await service('LATE');
    const code = await enterQuarter(id);
    await jobs();
    await enter(id, five(code, '2026-02-20', 90).slice(0, 4));
    expect((await jobs()).measured).toBe(0);
    expect((await ofService(id)).respondents).toBe(36);
    await enter(id, five(code, '2026-02-20', 90).slice(4));
    await jobs();
    const made = (await measured(id)).slice(3);
    expect(made.map(({ windowTo, respondents }) => [windowTo, respondents])).toEqual([['2026-03-31', 41]]);
    expect((await ofService(id)).respondents).toBe(41);
  });

  test('of a month with too few is not tried again and again, and of the next with all since', async () => {
    const id = await service('FEW-A-MONTH', units.simeulue);
    const code = await batch(id, 20);
    await enter(id, five(code, '2026-02-02'));
    await enter(id, [form(code, 10, '2026-03-02', 1)]);
    await jobs();
    expect((await measured(id)).map(({ windowTo, respondents }) => [windowTo, respondents])).toEqual([
      ['2026-02-28', 5],
    ]);
    const looks = await database.db.query('select looked_to from satisfaction_measurement where service_id = $1', [id]);
    expect(looks).toEqual([{ looked_to: '2026-03' }]);
    expect(await ofService(id)).toMatchObject({ respondents: 5, index: 75, asOf: '2026-02-28' });
    await enter(id, five(code, '2026-04-02', 11).slice(0, 4));
    at('2026-05-04T05:00:00Z');
    await jobs();
    expect(await ofService(id)).toMatchObject({ respondents: 10, asOf: '2026-04-30' });
  });

  test('tells the people served once all months of the window are known', async () => {
    const serviceId = await service('SERVED');
    await enterQuarter(serviceId);
    const record = (months: object[], viewer = people.clerk) =>
      ask(viewer, SERVED, { input: { serviceId, year: 2026, months } });
    await record([
      { month: 1, people: 100 },
      { month: 2, people: 50 },
    ]);
    await jobs();
    expect((await measured(serviceId)).map(({ population }) => population)).toEqual([100, 150, undefined]);
    await record([{ month: 3, people: 70 }]);
    await jobs();
    expect((await measured(serviceId)).at(-1)).toMatchObject({ windowTo: '2026-03-31', population: 220 });
    const { data } = await ask(people.clerk, SURVEY, { id: serviceId, year: 2026 });
    expect(data.publicService.survey).toMatchObject({ population: 220, sample: 140 });
    expect(codes(await record([{ month: 5, people: 1 }]))).toEqual(['MONTH_IN_FUTURE months']);
    expect(codes(await record([{ month: 13, people: 1 }]))).toEqual(['MONTH_INVALID months']);
    expect(
      codes(
        await record([
          { month: 1, people: 1 },
          { month: 1, people: 2 },
        ]),
      ),
    ).toEqual(['MONTH_TWICE months']);
    expect(codes(await record([{ month: 1, people: -1 }]))).toEqual(['PEOPLE_OUT_OF_RANGE months']);
    expect(codes(await record([{ month: 1, people: 1 }], people.colleague))).toEqual(['FORBIDDEN']);
  });

  test('by two processes at once says everything once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => service(`TWO-${i}`)));
    for (const id of ids) await enterQuarter(id);
    await Promise.all([jobs(), jobs(), jobs()]);
    await jobs();
    for (const id of ids) expect((await measured(id)).map(({ respondents }) => respondents)).toEqual([12, 21, 36]);
  });

  test('takes as many statements for fifty services as for two', async () => {
    const fill = async (from: number, n: number) => {
      for (let i = 0; i < n; i += 1) {
        const id = await service(`MANY-${from + i}`);
        await enter(id, five(await batch(id, 5), '2026-03-02'));
      }
    };
    await jobs();
    await fill(0, 2);
    const few = await statementsOf(database.db, jobs);
    await fill(100, 50);
    expect(await statementsOf(database.db, jobs)).toBe(few);
  });

  test('misses no answer that is being given while it measures', async () => {
    const id = await service('RACE-MEASURE');
    const code = await batch(id, 500);
    const send = (i: number) => enter(id, [form(code, i + 1, '2026-03-15', 4)]);
    await send(0);
    const sending = Promise.all(Array.from({ length: 60 }, (_, i) => send(i + 1)));
    for (let i = 0; i < 5; i += 1) await jobs();
    await sending;
    // Five more, so that whatever is in force by then is replaced.
    await enter(id, five(code, '2026-03-16', 401));
    await jobs();
    expect((await ofService(id)).respondents).toBe(66);
  });
});

describe('what the public sees', () => {
  const fill = async (id: string, n: number, of: number) => {
    const code = await batch(id, Math.max(n, 1));
    if (n > 0)
      await enter(
        id,
        Array.from({ length: n }, (_, i) => form(code, i + 1, '2026-03-15', of)),
      );
  };

  test("a unit's own services pooled, a service alone, and nothing of the parts of too few", async () => {
    const [small, middle, large] = [
      await service('SMALL', units.diskominfo),
      await service('MIDDLE', units.diskominfo),
      await service('LARGE', units.diskominfo),
    ];
    expect(await ofUnit(units.diskominfo)).toBeNull();
    await fill(small, 3, 1);
    await fill(middle, 10, 3);
    await fill(large, 20, 4);
    expect(await ofUnit(units.diskominfo)).toBeNull();
    await jobs();
    // (10·3 + 20·4) ÷ 30 × 25 = 91.666…: with the small one in it, what is left of the whole without the others would be that.
    const whole = await ofUnit(units.diskominfo);
    expect(whole).toMatchObject({ index: 91.67, grade: 'A', respondents: 30, asOf: '2026-03-31', suppressed: false });
    expect(whole.elements).toHaveLength(9);
    expect(whole.elements[2]).toEqual({ element: 'WAKTU', average: 3.67, index: 91.67, grade: 'A' });
    expect(await ofService(large)).toMatchObject({ index: 100, grade: 'A', respondents: 20 });
    expect(await ofService(middle)).toMatchObject({ index: 75, grade: 'C', respondents: 10 });
    expect(await ofService(small)).toBeNull();
  });

  test('nothing of a unit of which too few answered', async () => {
    const id = await service('FEW', units.city);
    await fill(id, 4, 4);
    await jobs();
    expect(await ofUnit(units.city)).toBeNull();
    await fill(id, 1, 4);
    await jobs();
    expect(await ofUnit(units.city)).toMatchObject({ index: 100, respondents: 5, suppressed: false });
  });

  test('nothing of another year, and an impossible year is refused', async () => {
    expect(await ofUnit(units.diskominfo, 2025)).toBeNull();
    const answer = await ask(people.public, UNIT, { refs: [{ __typename: 'Unit', id: units.city }], year: 0 });
    expect(codes(answer)).toEqual(['YEAR_OUT_OF_RANGE year']);
  });

  test('not how a survey stands', async () => {
    const id = await service('INNER');
    const { data, errors } = await ask(people.public, SURVEY, { id, year: 2026 });
    expect(data.publicService.survey).toBeNull();
    expect(errors).toMatchObject([{ path: ['publicService', 'survey'], extensions: { code: 'FORBIDDEN' } }]);
  });
});

test('a snapshot tells all that was said, with its ids and in its order', async () => {
  const said = await allSaid(database.db);
  expect(said.length).toBeGreaterThan(10);
  expect(await allTold(database.db)).toEqual(said);
});
