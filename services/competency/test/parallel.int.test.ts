/** Many at once: one wins where one may, and nothing is lost where all may. */
import { agencyWithOfficer, ask, enrolled, learningOf, resultFor, sessionIn, someone, story } from './story.js';

const s = story();
let place: Awaited<ReturnType<typeof agencyWithOfficer>>;
let sessionId: string;
beforeAll(async () => {
  place = await agencyWithOfficer(s);
  ({ sessionId } = await sessionIn(s, place));
});

const codesOf = (answers: { errors?: { extensions: { code: string } }[] }[]) =>
  new Set(answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []));

test('of many completions of one enrolment one succeeds, and the others are told why they did not', async () => {
  const employeeId = await someone(s, place.agencyId);
  const id = await enrolled(s, place.officer, sessionId, employeeId);
  await s.published();
  const tries = Array.from({ length: 600 }, () => s.graph(place.officer, ask.complete, resultFor(id)));
  const answers = await Promise.all(tries);
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  const codes = codesOf(answers);
  expect([...codes].filter((code) => !['ENROLMENT_NOT_OPEN', 'BUSY', 'OVERLOADED'].includes(code))).toEqual([]);
  expect(codes).toContain('ENROLMENT_NOT_OPEN');
  expect((await s.published()).map(({ type, seq }) => [type, seq])).toEqual([
    ['TrainingCompleted', 1],
    ['LearningHoursCounted', 2],
  ]);
  expect((await learningOf(s, place.officer, employeeId)).learning).toMatchObject({ hours: 16, recorded: 16 });
});

test('trainings of one person that are completed at the same time all count', async () => {
  const employeeId = await someone(s, place.agencyId);
  const days = Array.from({ length: 12 }, (_, i) => `2026-04-${String(i + 1).padStart(2, '0')}`);
  const places = [];
  for (const day of days) {
    const { sessionId: own } = await sessionIn(s, place, { startsOn: day, endsOn: day });
    places.push(await enrolled(s, place.officer, own, employeeId));
  }
  const results = places.map((id) => resultFor(id, { hours: 2, completedAt: '2026-05-01T00:00:00Z' }));
  const answers = await Promise.all(results.map((result) => s.graph(place.officer, ask.complete, result)));
  expect(codesOf(answers)).toEqual(new Set());
  expect((await learningOf(s, place.officer, employeeId)).learning).toMatchObject({ hours: 24, recorded: 24 });
  const [ledger] = await s.db.query('select version from ledger where employee_id = $1', [employeeId]);
  expect(Number(ledger.version)).toBe(1 + days.length);
});

test('a certificate number that is used at the same time is used once', async () => {
  const people = await Promise.all(Array.from({ length: 10 }, () => someone(s, place.agencyId)));
  const places = await Promise.all(people.map((id) => enrolled(s, place.officer, sessionId, id)));
  const answers = await Promise.all(
    places.map((id) => s.graph(place.officer, ask.complete, resultFor(id, { certificateNumber: 'B-once' }))),
  );
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  expect(codesOf(answers)).toEqual(new Set(['CERTIFICATE_USED']));
});
