/** A training from enrolment to result, as the graph tells it; rows and events afterwards. */
import { randomUUID } from 'node:crypto';
import { PUBLIC, type Viewer } from '@merit/chassis/api/viewer';
import {
  agencyWithOfficer,
  ask,
  employee,
  enrolled,
  learningOf,
  officerNamed,
  resultFor,
  sessionIn,
  someone,
  story,
  unitWith,
} from './story.js';

const s = story();
let place: Awaited<ReturnType<typeof agencyWithOfficer>>;
let officer: Viewer;
let sessionId: string;
let title: string;
beforeAll(async () => {
  place = await agencyWithOfficer(s);
  officer = place.officer;
  ({ sessionId, title } = await sessionIn(s, place));
  await s.published();
});

const rowOf = async (id: string) =>
  (await s.db.query('select status, hours, certificate_number, version from enrolment where id = $1', [id]))[0];
const codeOf = ({ errors }: { errors?: { extensions: { code: string; field?: string } }[] }) =>
  errors?.[0]?.extensions.code;

test('a completed training counts, and says so to the others', async () => {
  const employeeId = await someone(s, place.agencyId);
  const id = await enrolled(s, officer, sessionId, employeeId);
  await s.published();
  const { data } = await s.graph(officer, ask.complete, resultFor(id, { certificateNumber: 'B-1' }));
  expect(data.completeTraining.enrolment).toEqual({
    id,
    status: 'COMPLETED',
    hours: 16,
    startsOn: '2026-03-02',
    endsOn: '2026-03-04',
    version: 2,
  });

  const [completed, counted] = await s.published();
  expect(completed).toMatchObject({ type: 'TrainingCompleted', aggregateId: id, seq: 1, key: employeeId });
  expect(completed!.message).toMatchObject({
    enrolmentId: id,
    employeeId,
    sessionId,
    hours: '16',
    completedAt: '2026-03-04T09:00:00Z',
    startsOn: '2026-03-02',
    endsOn: '2026-03-04',
  });
  expect(counted).toMatchObject({ type: 'LearningHoursCounted', seq: 2, key: employeeId });
  expect(counted!.message).toMatchObject({ employeeId, year: 2026, counted: '16', entitlement: '20', version: '2' });
  expect(counted!.message['records']).toEqual([
    {
      enrolmentId: id,
      eventId: expect.any(String),
      eventType: 'TrainingCompleted',
      hours: '16',
      counted: '16',
      completedAt: '2026-03-04T09:00:00Z',
    },
  ]);

  const { learning, codes } = await learningOf(s, officer, employeeId);
  expect(codes).toEqual([]);
  expect(learning).toEqual({
    year: 2026,
    hours: 16,
    recorded: 16,
    entitlement: 20,
    shortfall: 4,
    records: {
      edges: [
        {
          node: {
            course: { title },
            hours: 16,
            counted: 16,
            reason: null,
            status: 'COMPLETED',
            completedAt: '2026-03-04T09:00:00.000Z',
          },
        },
      ],
    },
  });
});

test('a person enrols themselves, and their supervisor enrols and withdraws them', async () => {
  const [headId, memberId] = [await someone(s, place.agencyId), await someone(s, place.agencyId)];
  await s.arrive(...unitWith(place.agencyId, [headId, memberId]));
  const own = await s.graph(employee(headId), ask.enrol, { input: { sessionId, employeeId: headId } });
  expect(codeOf(own)).toBe('SESSION_OVER'); // NOW is in June
  const { sessionId: later } = await sessionIn(s, place, { startsOn: '2026-07-01', endsOn: '2026-07-02' });
  const self = await s.graph(employee(headId), ask.enrol, { input: { sessionId: later, employeeId: headId } });
  expect(self.data.enrol.enrolment).toMatchObject({ status: 'ENROLLED', version: 1 });
  const team = await s.graph(employee(headId), ask.enrol, { input: { sessionId: later, employeeId: memberId } });
  const withdrawal = { enrolmentId: team.data.enrol.enrolment.id, reason: 'On leave' };
  const { data } = await s.graph(employee(headId), ask.withdraw, { input: withdrawal });
  expect(data.withdrawEnrolment.enrolment).toMatchObject({ status: 'WITHDRAWN', reason: 'On leave' });
  const upwards = await s.graph(employee(memberId), ask.enrol, { input: { sessionId: later, employeeId: headId } });
  expect(codeOf(upwards)).toBe('FORBIDDEN');
});

test('the last place is taken once, and so is a place of one person', async () => {
  const { sessionId: small } = await sessionIn(s, place, { quota: 1 });
  const people = await Promise.all(Array.from({ length: 5 }, () => someone(s, place.agencyId)));
  const answers = await Promise.all(
    people.map((employeeId) => s.graph(officer, ask.enrol, { input: { sessionId: small, employeeId } })),
  );
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  expect(answers.filter((answer) => codeOf(answer) === 'SESSION_FULL')).toHaveLength(4);
  const input = { sessionId, employeeId: people[0] };
  const twice = await Promise.all([1, 2].map(() => s.graph(officer, ask.enrol, { input })));
  expect(twice.map(codeOf).sort()).toEqual(['ALREADY_ENROLLED', undefined]);
});

describe('a result that was wrong', () => {
  test('is corrected, and the hours with it', async () => {
    const employeeId = await someone(s, place.agencyId);
    const id = await enrolled(s, officer, sessionId, employeeId);
    await s.graph(officer, ask.complete, resultFor(id, { certificateNumber: 'B-wrong' }));
    const [completed] = (await s.published()).filter(({ type }) => type === 'TrainingCompleted');
    const input = {
      enrolmentId: id,
      hours: 8,
      certificateNumber: 'B-right',
      reason: 'Half was missed',
      expectedVersion: 2,
    };
    const { data } = await s.graph(officer, ask.correct, { input });
    expect(data.correctTraining.enrolment).toMatchObject({
      hours: 8,
      version: 3,
      changes: [{ kind: 'CORRECTED', reason: 'Half was missed', hours: 16 }],
    });
    const [corrected, counted] = await s.published();
    const eventOfCompletion = (
      await s.db.query('select replaced_event_id from enrolment_change where enrolment_id = $1', [id])
    )[0];
    expect(corrected).toMatchObject({ type: 'TrainingCorrected', aggregateId: id, seq: 2 });
    expect(corrected!.message).toMatchObject({
      hours: '8',
      startsOn: '2026-03-02',
      correctsEventId: eventOfCompletion.replaced_event_id,
    });
    expect(completed!.aggregateId).toBe(id);
    const records = [{ enrolmentId: id, eventType: 'TrainingCorrected', counted: '8' }];
    expect(counted!.message).toMatchObject({ counted: '8', version: '3', records });
    const stale = await s.graph(officer, ask.correct, { input: { ...input, hours: 9 } });
    expect(codeOf(stale)).toBe('CONFLICT');
    const freed = await enrolled(s, officer, sessionId, await someone(s, place.agencyId));
    expect(
      (await s.graph(officer, ask.complete, resultFor(freed, { certificateNumber: 'b-WRONG' }))).errors,
    ).toBeUndefined();
  });

  test('is revoked, and the hours are as if it had never been', async () => {
    const employeeId = await someone(s, place.agencyId);
    const before = await learningOf(s, officer, employeeId);
    const id = await enrolled(s, officer, sessionId, employeeId);
    await s.graph(officer, ask.complete, resultFor(id, { certificateNumber: 'B-forged' }));
    await s.published();
    const { data } = await s.graph(officer, ask.revoke, { input: { enrolmentId: id, reason: 'Forged' } });
    expect(data.revokeTraining.enrolment).toMatchObject({ status: 'REVOKED', reason: 'Forged', version: 3 });
    const [revoked, counted] = await s.published();
    expect(revoked).toMatchObject({ type: 'TrainingRevoked', aggregateId: id, seq: 2 });
    expect(counted!.message).toMatchObject({ counted: '0', version: '3' });
    expect(counted!.message).not.toHaveProperty('records');
    expect(await learningOf(s, officer, employeeId)).toEqual(before);
    expect(codeOf(await s.graph(officer, ask.revoke, { input: { enrolmentId: id, reason: 'Forged' } }))).toBe(
      'ENROLMENT_NOT_COMPLETED',
    );
    const again = await enrolled(s, officer, sessionId, employeeId);
    expect(
      (await s.graph(officer, ask.complete, resultFor(again, { certificateNumber: 'B-forged' }))).errors,
    ).toBeUndefined();
  });
});

describe('what cannot be is refused, and leaves no trace', () => {
  let id: string;
  let employeeId: string;
  beforeAll(async () => {
    employeeId = await someone(s, place.agencyId);
    id = await enrolled(s, officer, sessionId, employeeId);
    const other = await enrolled(s, officer, sessionId, await someone(s, place.agencyId));
    await s.graph(officer, ask.complete, resultFor(other, { certificateNumber: 'B-taken' }));
    await s.published();
  });
  afterEach(async () => {
    expect(await s.published()).toEqual([]);
    expect(await rowOf(id)).toEqual({ status: 'ENROLLED', hours: null, certificate_number: null, version: 1 });
  });

  test.each<[string, object, string, string?]>([
    ['no hours', { hours: 0 }, 'HOURS_OUT_OF_RANGE', 'hours'],
    ['negative hours', { hours: -1 }, 'HOURS_OUT_OF_RANGE', 'hours'],
    ['parts of an hour', { hours: 1.5 }, 'HOURS_OUT_OF_RANGE', 'hours'],
    ['a billion hours', { hours: 1e9 }, 'HOURS_OUT_OF_RANGE', 'hours'],
    ['hours in words', { hours: 'sixteen' }, 'BAD_USER_INPUT', 'hours'],
    ['more hours than the session gives', { hours: 41 }, 'HOURS_OUT_OF_RANGE', 'hours'],
    ['a day that does not exist', { completedAt: '2026-02-30T09:00:00Z' }, 'BAD_USER_INPUT', 'completedAt'],
    ['a day in the future', { completedAt: '2026-06-15T03:00:01Z' }, 'COMPLETED_IN_FUTURE', 'completedAt'],
    ['a day before the session', { completedAt: '2026-03-01T09:00:00Z' }, 'COMPLETED_BEFORE_START', 'completedAt'],
    ['a certificate that is another one', { certificateNumber: ' b-TAKEN ' }, 'CERTIFICATE_USED', 'certificateNumber'],
    ['no certificate', { certificateNumber: ' ' }, 'TEXT_REQUIRED', 'certificateNumber'],
    ['a null byte', { certificateNumber: 'B\0' }, 'TEXT_INVALID', 'certificateNumber'],
    ['a megabyte', { certificateNumber: 'x'.repeat(1_000_000) }, 'TEXT_TOO_LONG', 'certificateNumber'],
    ['half of an emoji', { certificateNumber: 'B\ud83d' }, 'TEXT_INVALID', 'certificateNumber'],
    ['no id', { enrolmentId: 'me' }, 'INVALID_ID', 'enrolmentId'],
    ['an id that is unknown', { enrolmentId: randomUUID() }, 'ENROLMENT_NOT_FOUND', 'enrolmentId'],
  ])('%s', async (_, over, code, field) => {
    const { errors } = await s.graph(officer, ask.complete, resultFor(id, over));
    expect(errors?.[0].extensions).toMatchObject({ code, field });
  });

  test('an id of another kind of thing', async () => {
    const { errors } = await s.graph(officer, ask.complete, resultFor(sessionId));
    expect(errors?.[0].extensions).toMatchObject({ code: 'ENROLMENT_NOT_FOUND' });
  });

  test.each<[string, () => Viewer, string]>([
    ['by the person', () => employee(employeeId), 'OWN_RECORD'],
    ['by a colleague', () => employee(randomUUID()), 'ENROLMENT_NOT_FOUND'],
    ['by the public', () => PUBLIC, 'FORBIDDEN'],
    ['by who runs the system', () => ({ kind: 'OPERATOR', subject: 'system' }), 'FORBIDDEN'],
  ])('a result entered %s', async (_, by, code) => {
    expect(codeOf(await s.graph(by(), ask.complete, resultFor(id)))).toBe(code);
  });

  test('a correction or revocation of what has no result', async () => {
    const reason = 'Typing error';
    expect(codeOf(await s.graph(officer, ask.correct, { input: { enrolmentId: id, hours: 8, reason } }))).toBe(
      'ENROLMENT_NOT_COMPLETED',
    );
    expect(codeOf(await s.graph(officer, ask.revoke, { input: { enrolmentId: id, reason } }))).toBe(
      'ENROLMENT_NOT_COMPLETED',
    );
  });
});

test('nobody enters results on their own record, the officer neither', async () => {
  const colleagueId = await someone(s, place.agencyId);
  await s.arrive(officerNamed(colleagueId, place.agencyId));
  const id = await enrolled(s, employee(colleagueId), sessionId, place.officerId);
  expect(codeOf(await s.graph(officer, ask.complete, resultFor(id)))).toBe('OWN_RECORD');
  expect((await s.graph(employee(colleagueId), ask.complete, resultFor(id))).errors).toBeUndefined();
  expect(codeOf(await s.graph(officer, ask.correct, { input: { enrolmentId: id, hours: 40, reason: 'x' } }))).toBe(
    'OWN_RECORD',
  );
  expect(codeOf(await s.graph(officer, ask.revoke, { input: { enrolmentId: id, reason: 'x' } }))).toBe('OWN_RECORD');
});

test('an officer of another agency may not', async () => {
  const { officer: other } = await agencyWithOfficer(s);
  const id = await enrolled(s, officer, sessionId, await someone(s, place.agencyId));
  expect(codeOf(await s.graph(other, ask.complete, resultFor(id)))).toBe('ENROLMENT_NOT_FOUND');
  const { data, errors } = await s.graph(other, `query ($id: ID!) { enrolment(id: $id) { id } }`, { id });
  expect([data, errors]).toEqual([{ enrolment: null }, undefined]);
});

test('who is shown an enrolment of somebody else is written down, and who is not shown it is not', async () => {
  const personId = await someone(s, place.agencyId);
  const id = await enrolled(s, officer, sessionId, personId);
  const { officer: other } = await agencyWithOfficer(s);
  const reads = () =>
    s.db.query(`select viewer, role, type, fields from access_log where $1 = any(persons) order by at, id`, [personId]);
  const before = (await reads()).length;
  const query = `query ($id: ID!) { enrolment(id: $id) { employee { id } status } }`;
  for (const viewer of [other, employee(personId), officer]) await s.graph(viewer, query, { id });
  expect((await reads()).slice(before)).toEqual([
    { viewer: `employee/${place.officerId}`, role: 'HR', type: 'Employee', fields: ['enrolments'] },
  ]);
});

describe('a key that is repeated', () => {
  /** As whom the enrolment's payload was read of the person, so far. */
  const readsOf = async (personId: string): Promise<string[]> => {
    const rows: { role: string }[] = await s.db.query(
      `select role from access_log where $1 = any(persons) and type = 'EnrolmentPayload' order by at, id`,
      [personId],
    );
    return rows.map(({ role }) => role);
  };

  test('shows the enrolment while its viewer may see it, which is written down each time', async () => {
    const [personId, colleagueId] = [await someone(s, place.agencyId), await someone(s, place.agencyId)];
    const named = officerNamed(colleagueId, place.agencyId);
    await s.arrive(named);
    const id = await enrolled(s, officer, sessionId, personId);
    const before = await readsOf(personId);
    const input = resultFor(id, { idempotencyKey: randomUUID() });
    const first = await s.graph(employee(colleagueId), ask.complete, input);
    expect(first.errors).toBeUndefined();
    expect(await s.graph(employee(colleagueId), ask.complete, input)).toEqual(first);
    expect(await readsOf(personId)).toEqual([...before, 'HR', 'HR']);

    await s.db.query('delete from directory_grant where subject = $1', [colleagueId]);
    const after = await s.graph(employee(colleagueId), ask.complete, input);
    expect(after.data).toEqual({ completeTraining: { enrolment: null } });
    expect(after.errors).toMatchObject([
      { path: ['completeTraining', 'enrolment'], extensions: { code: 'FORBIDDEN' } },
    ]);
    expect(await readsOf(personId)).toEqual([...before, 'HR', 'HR']);
  });

  test('shows that of a person who is not known here yet to the officer whose course it is', async () => {
    const [personId, idempotencyKey] = [randomUUID(), randomUUID()];
    const input = { input: { sessionId, employeeId: personId, idempotencyKey } };
    const first = await s.graph(officer, ask.enrol, input);
    expect([first.errors, first.data.enrol.enrolment.status]).toEqual([undefined, 'ENROLLED']);
    expect(await s.graph(officer, ask.enrol, input)).toEqual(first);
    expect(await readsOf(personId)).toEqual(['HR', 'HR']);
  });

  test('and one who enrols themselves before they are known here sees it, which nobody writes down', async () => {
    const { sessionId: later } = await sessionIn(s, place, { startsOn: '2026-07-06', endsOn: '2026-07-08' });
    const personId = randomUUID();
    const { data, errors } = await s.graph(employee(personId), ask.enrol, {
      input: { sessionId: later, employeeId: personId },
    });
    expect([errors, data.enrol.enrolment.status]).toEqual([undefined, 'ENROLLED']);
    expect(await readsOf(personId)).toEqual([]);
  });
});

test('a withdrawn enrolment is not completed', async () => {
  const id = await enrolled(s, officer, sessionId, await someone(s, place.agencyId));
  await s.graph(officer, ask.withdraw, { input: { enrolmentId: id, reason: 'ill' } });
  expect(codeOf(await s.graph(officer, ask.complete, resultFor(id)))).toBe('ENROLMENT_NOT_OPEN');
});

test('any script is text: an emoji, right to left, what a spreadsheet takes for a formula', async () => {
  for (const certificateNumber of ['B-🎓', 'شهادة-١', '=1+1']) {
    const id = await enrolled(s, officer, sessionId, await someone(s, place.agencyId));
    await s.graph(officer, ask.complete, resultFor(id, { certificateNumber }));
    expect(await rowOf(id)).toMatchObject({ certificate_number: certificateNumber, status: 'COMPLETED' });
  }
});

describe('an idempotency key', () => {
  test('gives the same answer again, and one effect', async () => {
    const id = await enrolled(s, officer, sessionId, await someone(s, place.agencyId));
    await s.published();
    const variables = resultFor(id, { idempotencyKey: 'k-1' });
    const first = await s.graph(officer, ask.complete, variables);
    const again = await s.graph(officer, ask.complete, variables);
    expect(first.errors).toBeUndefined();
    expect(again).toEqual(first);
    expect((await s.published()).map(({ type }) => type)).toEqual(['TrainingCompleted', 'LearningHoursCounted']);
  });

  test('is refused with another input', async () => {
    const id = await enrolled(s, officer, sessionId, await someone(s, place.agencyId));
    await s.graph(officer, ask.complete, resultFor(id, { idempotencyKey: 'k-2' }));
    const other = resultFor(id, { idempotencyKey: 'k-2', hours: 8 });
    expect(codeOf(await s.graph(officer, ask.complete, other))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await rowOf(id)).toMatchObject({ hours: 16 });
  });
});
