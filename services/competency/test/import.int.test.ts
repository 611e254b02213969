/** Lists of courses and of finished trainings: all rows or none, and twice is once. */
import { randomUUID } from 'node:crypto';
import type { Viewer } from '@merit/chassis/api/viewer';
import type { EntitySubscriberInterface } from 'typeorm';
import {
  agencyWithOfficer,
  ask,
  employee,
  employeeRegistered,
  enrolled,
  learningOf,
  resultFor,
  sessionIn,
  someone,
  story,
} from './story.js';

const s = story();
let place: Awaited<ReturnType<typeof agencyWithOfficer>>;
let officer: Viewer;
let course: Awaited<ReturnType<typeof sessionIn>>;
beforeAll(async () => {
  place = await agencyWithOfficer(s);
  officer = place.officer;
  course = await sessionIn(s, place);
});

let made = 0;
const row = (employeeId: string, over: object = {}) => {
  made += 1;
  const days = { startsOn: '2026-03-02', endsOn: '2026-03-04', completedAt: '2026-03-04' };
  return { employeeId, courseCode: course.courseCode, hours: 16, certificateNumber: `R-${made}`, ...days, ...over };
};
const importRows = async (rows: object[], over: object = {}, by = officer) => {
  const { data, errors } = await s.graph(by, ask.importTrainings, {
    input: { agencyId: place.agencyId, rows, ...over },
  });
  return data?.importTrainingRecords ?? errors?.[0].extensions.code;
};
const people = async (n: number) => {
  const ids = Array.from({ length: n }, () => randomUUID());
  await s.arrive(...ids.map((id) => employeeRegistered(id, place.agencyId)));
  await s.published();
  return ids;
};

test('finished trainings are entered and count, and entering them again changes nothing', async () => {
  const ids = await people(200);
  const rows = ids.flatMap((id) => [
    row(id),
    row(id, { hours: 4, startsOn: '2026-05-04', endsOn: '2026-05-04', completedAt: null }),
  ]);
  expect(await importRows(rows)).toEqual({ imported: 400, unchanged: 0, problems: [] });
  const events = await s.published();
  expect(events.filter(({ type }) => type === 'TrainingCompleted')).toHaveLength(400);
  const counted = events.filter(({ type }) => type === 'LearningHoursCounted');
  expect(counted).toHaveLength(200); // one a ledger, though each got two trainings
  expect(new Set(counted.map(({ message }) => message['counted']))).toEqual(new Set(['20']));
  expect((await learningOf(s, officer, ids[0]!)).learning).toMatchObject({ hours: 20, shortfall: 0 });

  const tables = () =>
    s.db.query(
      `select (select count(*) from enrolment) e, (select sum(version) from ledger) l, (select count(*) from certificate) c`,
    );
  const before = await tables();
  expect(await importRows(rows)).toEqual({ imported: 0, unchanged: 400, problems: [] });
  expect(await s.published()).toEqual([]);
  expect(await tables()).toEqual(before);
});

test('the number of statements does not grow with the rows', async () => {
  const statements = async (n: number) => {
    const rows = (await people(n)).map((id) => row(id));
    let count = 0;
    const counter: EntitySubscriberInterface = {
      beforeQuery: () => {
        count += 1;
      },
    };
    s.db.subscribers.push(counter);
    expect(await importRows(rows)).toMatchObject({ imported: n });
    s.db.subscribers.splice(s.db.subscribers.indexOf(counter), 1);
    return count;
  };
  const few = await statements(2);
  expect(await statements(300)).toBe(few);
  expect(few).toBeLessThan(45);
});

test('with one bad row nothing is written, and each problem is named', async () => {
  const [a, b] = await people(2);
  const { officer: other, agencyId: otherAgency } = await agencyWithOfficer(s);
  const stranger = await someone(s, otherAgency);
  await s.published();
  const taken = row(a!, { certificateNumber: 'R-taken' });
  await importRows([taken]);
  await s.published();
  const rows: [object, string | null, string | null][] = [
    [row(a!), null, null],
    [row('nobody'), 'INVALID_ID', 'employeeId'],
    [row(stranger), 'EMPLOYEE_ELSEWHERE', 'employeeId'],
    [row(place.officerId), 'OWN_RECORD', null],
    [row(b!, { courseCode: 'NONE' }), 'COURSE_NOT_FOUND', 'courseCode'],
    [row(b!, { sessionCode: 'NONE' }), 'SESSION_NOT_FOUND', 'sessionCode'],
    [row(b!, { hours: 0 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    [row(b!, { hours: -1 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    [row(b!, { hours: 1e9 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    [row(b!, { hours: 1.5 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    [row(b!, { startsOn: '2026-02-30' }), 'DATE_INVALID', 'startsOn'],
    [row(b!, { endsOn: '04/03/2026', completedAt: null }), 'DATE_INVALID', 'endsOn'],
    [row(b!, { completedAt: '2026-02-30' }), 'DATE_INVALID', 'completedAt'],
    [row(b!, { completedAt: '2026-03-04 10:00' }), 'DATE_INVALID', 'completedAt'],
    [row(b!, { completedAt: '2026-06-16' }), 'COMPLETED_IN_FUTURE', 'completedAt'],
    [row(b!, { endsOn: '2026-03-01' }), 'ENDS_BEFORE_START', 'endsOn'],
    [row(b!, { sessionCode: 'A', startsOn: '2026-03-01' }), 'DATES_OUTSIDE_SESSION', 'startsOn'],
    [row(b!, { certificateNumber: '' }), 'TEXT_REQUIRED', 'certificateNumber'],
    [row(b!, { certificateNumber: 'r-TAKEN' }), 'CERTIFICATE_USED', 'certificateNumber'],
    [{ ...taken, hours: 8 }, 'TRAINING_DIFFERS', 'certificateNumber'],
    [taken, null, null],
  ];
  const answer = await importRows(rows.map(([input]) => input));
  const expected = rows.flatMap(([, code, field], i) => (code ? [{ row: i, code, field }] : []));
  expect(answer).toEqual({ imported: 0, unchanged: 1, problems: expected });
  expect(await s.published()).toEqual([]);
  expect(await importRows([row(a!)], {}, other)).toBe('FORBIDDEN');
  expect(await importRows([row(a!)], {}, employee(a!))).toBe('FORBIDDEN');
});

test('validating alone writes nothing', async () => {
  const [a] = await people(1);
  const rows = [row(a!)];
  expect(await importRows(rows, { validateOnly: true })).toEqual({ imported: 1, unchanged: 0, problems: [] });
  expect(await s.published()).toEqual([]);
  expect(await importRows(rows)).toMatchObject({ imported: 1 });
});

test('two rows with one certificate are the same training or a mistake', async () => {
  const [a, b] = await people(2);
  const one = row(a!);
  expect(await importRows([one, one])).toEqual({ imported: 1, unchanged: 1, problems: [] });
  const two = row(a!);
  const problem = { row: 1, code: 'CERTIFICATE_USED', field: 'certificateNumber' };
  expect(await importRows([two, { ...two, employeeId: b }])).toMatchObject({ problems: [problem] });
});

test('a row for a session completes the place that the person has in it, once', async () => {
  const [a] = await people(1);
  const id = await enrolled(s, officer, course.sessionId, a!);
  expect(await importRows([row(a!, { sessionCode: 'A' })])).toMatchObject({ imported: 1 });
  expect((await s.published())[0]).toMatchObject({ type: 'TrainingCompleted', aggregateId: id, seq: 1 });
  const again = await importRows([row(a!, { sessionCode: 'A' })]);
  expect(again.problems).toEqual([{ row: 0, code: 'ENROLMENT_NOT_OPEN', field: null }]);
  const { errors } = await s.graph(officer, ask.complete, resultFor(id));
  expect(errors?.[0].extensions.code).toBe('ENROLMENT_NOT_OPEN');
});

test('a training that was revoked does not come back with its list', async () => {
  const [a] = await people(1);
  const revoked = row(a!);
  await importRows([revoked]);
  const enrolmentId = (await s.published())[0]!.aggregateId;
  await s.graph(officer, ask.revoke, { input: { enrolmentId, reason: 'Forged' } });
  const { problems } = await importRows([revoked]);
  expect(problems).toEqual([{ row: 0, code: 'TRAINING_REVOKED', field: 'certificateNumber' }]);
});

test('people who are not known yet are entered, and their hours count once they are known', async () => {
  const id = randomUUID();
  await s.published();
  expect(await importRows([row(id)])).toMatchObject({ imported: 1 });
  expect((await s.published()).map(({ type }) => type)).toEqual(['TrainingCompleted']);
  await s.arrive(employeeRegistered(id, place.agencyId));
  expect((await learningOf(s, officer, id)).learning).toMatchObject({ hours: 16 });
});

test('the same list sent by many at once is entered once', async () => {
  const rows = (await people(50)).map((id) => row(id));
  const answers = await Promise.all(Array.from({ length: 6 }, () => importRows(rows)));
  expect(answers.filter((answer) => answer.imported === 50)).toHaveLength(1);
  const others = answers.filter((answer) => answer.imported !== 50);
  expect(others.every((answer) => answer === 'CONFLICT' || answer.unchanged === 50)).toBe(true);
  const events = await s.published();
  expect(events.filter(({ type }) => type === 'TrainingCompleted')).toHaveLength(50);
});

test('more than a thousand rows are too many', async () => {
  expect(await importRows(Array.from({ length: 1_001 }, () => row(randomUUID())))).toBe('TOO_MANY_ROWS');
});

describe('a list of courses', () => {
  const one = { title: 'Etika', form: 'SEMINAR', hours: 6, competency: 'M.01', provider: 'BKPSDM' };
  const importCourses = async (rows: object[], over: object = {}) => {
    const query = `mutation ($input: ImportCoursesInput!) {
      importCourses(input: $input) { imported unchanged problems { row field code } }
    }`;
    const { data, errors } = await s.graph(officer, query, { input: { agencyId: place.agencyId, rows, ...over } });
    return data?.importCourses ?? errors?.[0].extensions.code;
  };

  test('is added, and adding it again changes nothing', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ ...one, code: `E-${i}` }));
    expect(await importCourses(rows, { validateOnly: true })).toMatchObject({ imported: 300 });
    expect(await importCourses(rows)).toEqual({ imported: 300, unchanged: 0, problems: [] });
    expect(await importCourses(rows)).toEqual({ imported: 0, unchanged: 300, problems: [] });
  });

  test('is refused whole when a row is wrong', async () => {
    const rows = [
      { ...one, code: 'F-1' },
      { ...one, code: 'F-2', form: 'PICNIC' },
      { ...one, code: 'F-1', hours: 7 },
    ];
    expect(await importCourses(rows)).toEqual({
      imported: 0,
      unchanged: 0,
      problems: [
        { row: 1, field: 'form', code: 'FORM_UNKNOWN' },
        { row: 2, field: 'code', code: 'COURSE_CODE_USED' },
      ],
    });
    expect(await importCourses([rows[0]!])).toMatchObject({ imported: 1 });
  });
});
