/** Bad input on real processes: each refused with a documented code, and nothing left behind in rows or events. */
import pg from 'pg';
import { Agent, request } from 'undici';
import { CODES } from '../src/codes.js';
import { eventually } from './eventually.js';
import { type Handle, startWorld, type World } from './world.js';

let world: World;
let competency: pg.Client;
beforeAll(async () => {
  world = await startWorld();
  competency = new pg.Client(world.merit.databases.competency);
  await competency.connect();
}, 180_000);
afterAll(async () => {
  await competency?.end();
  await world?.stop();
}, 60_000);

const COMPLETE =
  'mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id status } } }';
const result = (over: object = {}) => ({
  ...{
    enrolmentId: world.enrolmentId,
    hours: 4,
    certificateNumber: 'B-1',
    completedAt: '2026-03-03T08:00:00Z',
    ...over,
  },
});
const complete = (over: object = {}) => world.asked('hr', COMPLETE, { input: result(over) });
const rowsAndEvents = async () => {
  const { rows } = await competency.query(
    `select (select count(*)::int from enrolment) as enrolments,
            (select count(*)::int from enrolment where status = 'COMPLETED') as completed,
            (select count(*)::int from outbox) as events`,
  );
  return rows[0];
};

describe('what is refused leaves no row and no event', () => {
  let before: object;
  beforeAll(async () => {
    before = await rowsAndEvents();
  });
  afterEach(async () => expect(await rowsAndEvents()).toEqual(before));

  test.each<[string, () => object, string, string | undefined]>([
    ['hours of 0', () => ({ hours: 0 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    ['hours of -1', () => ({ hours: -1 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    ['hours of a billion', () => ({ hours: 1e9 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    ['half an hour', () => ({ hours: 1.5 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    ['hours in words', () => ({ hours: 'four' }), 'BAD_USER_INPUT', 'hours'],
    ['a day that does not exist', () => ({ completedAt: '2026-02-30T08:00:00Z' }), 'BAD_USER_INPUT', 'completedAt'],
    ['a day to come', () => ({ completedAt: '2999-01-01T08:00:00Z' }), 'COMPLETED_IN_FUTURE', 'completedAt'],
    ['an id that is none', () => ({ enrolmentId: 'not-an-id' }), 'INVALID_ID', 'enrolmentId'],
    [
      'an unknown id',
      () => ({ enrolmentId: '0190c0de-0000-7000-8000-00000000dead' }),
      'ENROLMENT_NOT_FOUND',
      undefined,
    ],
    ['an id of another type', () => ({ enrolmentId: world.people.employee }), 'ENROLMENT_NOT_FOUND', undefined],
    [
      'a text of nearly 1 MB',
      () => ({ certificateNumber: 'x'.repeat(1_000_000) }),
      'TEXT_TOO_LONG',
      'certificateNumber',
    ],
    ['no text at all', () => ({ certificateNumber: '   ' }), 'TEXT_REQUIRED', 'certificateNumber'],
    ['a null byte', () => ({ certificateNumber: 'B\0-1' }), 'TEXT_INVALID', 'certificateNumber'],
    ['an unknown field', () => ({ hourz: 4 }), 'BAD_USER_INPUT', undefined],
    ['a certificate of someone else', () => ({ certificateNumber: 'LAMA-1' }), 'CERTIFICATE_USED', 'certificateNumber'],
  ])('%s', async (_, over, code, field) => {
    const { errors, data, text } = await complete(over());
    expect(data?.completeTraining ?? null).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors[0].extensions.code).toBe(code);
    if (field) expect(errors[0].extensions.field).toBe(field);
    expect(code in CODES).toBe(true);
    expect(text.length).toBeLessThan(2_000);
    expect(text).not.toMatch(/stack|select |merit_competency|127\.0\.0\.1|did you mean/i);
  });

  test('a text of more than 1 MB does not come so far', async () => {
    const { status, errors } = await complete({ certificateNumber: 'x'.repeat(1_200_000) });
    expect([status, errors[0].extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  test.each<[string, string, number, string]>([
    ['JSON cut short', '{"query":"{ me { name } }"', 400, 'BAD_REQUEST'],
    ['GraphQL cut short', JSON.stringify({ query: '{ me { name }' }), 400, 'GRAPHQL_PARSE_FAILED'],
    ['a field that is nowhere', JSON.stringify({ query: '{ me { salary } }' }), 400, 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s', async (_, body, status, code) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${world.merit.gatewayUrl}/graphql`, { method: 'POST', headers, body });
    const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
    expect([answer.status, errors[0]!.extensions.code]).toEqual([status, code]);
  });

  test('an impossible identity number', async () => {
    const input = {
      agencyId: world.agencyId,
      name: 'Tidak Ada',
      nip: '199013012015012902',
      kind: 'PNS',
      serviceFrom: '2015-01-01',
    };
    const { errors } = await world.asked(
      'hr',
      'mutation ($input: RegisterEmployeeInput!) { registerEmployee(input: $input) { employee { id } } }',
      { input },
    );
    expect(errors[0].extensions).toMatchObject({ code: 'NIP_BIRTH_DATE', field: 'nip' });
  });

  // Who may not know of an enrolment is answered as for an id that nothing has.
  test.each<[Handle | null, string]>([
    ['colleague', 'ENROLMENT_NOT_FOUND'],
    ['hr-elsewhere', 'ENROLMENT_NOT_FOUND'],
    ['supervisor', 'FORBIDDEN'],
    ['employee', 'OWN_RECORD'],
    [null, 'FORBIDDEN'],
  ])('a result that %s may not record', async (handle, code) => {
    const { errors } = await world.asked(handle, COMPLETE, { input: result() });
    expect(errors[0].extensions.code).toBe(code);
  });
});

test('emoji and right-to-left text are text, and come back as they went', async () => {
  const name = 'سيتي 🎓 O’Brien';
  const input = { agencyId: world.agencyId, name, nip: '199501012019031902', kind: 'PNS', serviceFrom: '2019-03-01' };
  const { data, errors } = await world.asked(
    'hr',
    'mutation ($input: RegisterEmployeeInput!) { registerEmployee(input: $input) { employee { name } } }',
    { input },
  );
  expect(errors).toEqual([]);
  expect(data.registerEmployee.employee.name).toBe(name);
});

test('a key used again gives the same answer, and with other input is refused', async () => {
  const input = {
    enrolmentId: await world.openPlace(world.people.colleague, 'KEY', 4),
    hours: 4,
    certificateNumber: 'KEY-1',
    completedAt: '2026-03-03T08:00:00Z',
    idempotencyKey: 'k-1',
  };
  const before = await rowsAndEvents();
  const all = await Promise.all(Array.from({ length: 20 }, () => world.asked('hr', COMPLETE, { input })));
  const later = await world.asked('hr', COMPLETE, { input });
  for (const { data, errors } of [...all, later]) {
    if (errors.length > 0) expect(errors[0].extensions.code).toBe('IDEMPOTENCY_IN_PROGRESS');
    else expect(data).toEqual(later.data);
  }
  expect(later.data.completeTraining.enrolment.status).toBe('COMPLETED');
  const { errors } = await world.asked('hr', COMPLETE, { input: { ...input, hours: 3 } });
  expect(errors[0].extensions.code).toBe('IDEMPOTENCY_KEY_REUSED');
  const after = await rowsAndEvents();
  expect([after.completed - before.completed, after.enrolments - before.enrolments]).toEqual([1, 0]);
  expect(await eventsOf(input.enrolmentId)).toEqual(['merit.competency.v1.TrainingCompleted']);
});

test('a withdrawn place cannot be completed', async () => {
  const enrolmentId = await world.openPlace(world.people.colleague, 'GIVEN-BACK', 4);
  const withdraw =
    'mutation ($input: WithdrawEnrolmentInput!) { withdrawEnrolment(input: $input) { enrolment { status } } }';
  const { data } = await world.asked('hr', withdraw, { input: { enrolmentId, reason: 'sakit' } });
  expect(data.withdrawEnrolment.enrolment.status).toBe('WITHDRAWN');
  expect((await complete({ enrolmentId, certificateNumber: 'W-1' })).errors[0].extensions.code).toBe(
    'ENROLMENT_NOT_OPEN',
  );
});

test('of 10,000 completions of one place at once, one succeeds and each other gets a clear answer', async () => {
  const enrolmentId = await world.openPlace(world.people.colleague, 'CROWD', 4);
  const dispatcher = new Agent({ connections: 400 });
  const token = world.tokenOf('hr');
  const once = async (n: number) => {
    const { statusCode, body } = await request(`${world.merit.gatewayUrl}/graphql`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: COMPLETE,
        variables: { input: result({ enrolmentId, certificateNumber: `CROWD-${n}` }) },
      }),
    });
    const { errors } = (await body.json()) as { errors?: { extensions: { code: string } }[] };
    return `${statusCode} ${errors ? errors[0]!.extensions.code : 'COMPLETED'}`;
  };
  const answers = await Promise.all(Array.from({ length: 10_000 }, (_, n) => once(n)));
  await dispatcher.close();
  const tally = Object.fromEntries(
    [...new Set(answers)].map((answer) => [answer, answers.filter((one) => one === answer).length]),
  );
  expect(
    Object.keys(tally).filter(
      (answer) => !['200 COMPLETED', '200 ENROLMENT_NOT_OPEN', '200 BUSY', '503 OVERLOADED'].includes(answer),
    ),
  ).toEqual([]);
  expect(tally['200 COMPLETED']).toBe(1);
  expect(await eventsOf(enrolmentId)).toEqual(['merit.competency.v1.TrainingCompleted']);
  const { rows } = await competency.query('select status from enrolment where id = $1', [enrolmentId]);
  expect(rows).toEqual([{ status: 'COMPLETED' }]);
  await eventually(async () => (await world.asked('hr', '{ me { name } }')).errors.length === 0);
}, 180_000);

/** The types of the events that were written for an aggregate, in order. */
async function eventsOf(aggregateId: string): Promise<string[]> {
  const { rows } = await competency.query('select type from outbox where aggregate_id = $1 order by aggregate_seq', [
    aggregateId,
  ]);
  return rows.map(({ type }) => type);
}
