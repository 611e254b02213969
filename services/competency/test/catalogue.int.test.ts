/** What can be learnt, and when: courses, their forms and their sessions. */
import { randomUUID } from 'node:crypto';
import { PUBLIC } from '@merit/chassis/api/viewer';
import { agencyWithOfficer, ask, employee, sessionIn, someone, story } from './story.js';

const s = story();
let place: Awaited<ReturnType<typeof agencyWithOfficer>>;
beforeAll(async () => {
  place = await agencyWithOfficer(s);
});

const course = (over: object = {}) => ({
  input: {
    agencyId: place.agencyId,
    code: randomUUID().slice(0, 8),
    title: 'Pelayanan prima',
    form: 'SEMINAR',
    method: 'Simulasi',
    hours: 6,
    competency: 'M.05',
    provider: 'BKPSDM',
    ...over,
  },
});
const codeOf = ({ errors }: { errors?: { extensions: { code: string; field?: string } }[] }) => errors?.[0]?.extensions;

test('a course says what it raises and in which form, and has sessions', async () => {
  const { courseId } = await sessionIn(s, place, { form: 'E_LEARNING', meetsFrom: '08:00', meetsTo: '16:00' });
  const query = `query ($id: ID!) { course(id: $id) {
    form { code name mode } competency { code name area } hours
    sessions(first: 1) { edges { node { code startsOn endsOn meetsFrom meetsTo quota maxHours course { id } } } pageInfo { hasNextPage } }
  } }`;
  const { data, errors } = await s.graph(employee(await someone(s, place.agencyId)), query, { id: courseId });
  expect(errors).toBeUndefined();
  const session = { code: 'A', startsOn: '2026-03-02', endsOn: '2026-03-04', meetsFrom: '08:00', meetsTo: '16:00' };
  expect(data.course).toEqual({
    form: { code: 'E_LEARNING', name: 'E-learning', mode: 'NONKLASIKAL' },
    competency: { code: 'M.05', name: 'Pelayanan Publik', area: 'MANAGERIAL' },
    hours: 40,
    sessions: {
      edges: [{ node: { ...session, quota: 1000, maxHours: 40, course: { id: courseId } } }],
      pageInfo: { hasNextPage: false },
    },
  });
});

test('courses are found by title, code, form and agency, a page at a time', async () => {
  const { agencyId, officer } = await agencyWithOfficer(s);
  for (const title of ['Budidaya Padi', 'Budidaya Ikan', 'Arsip']) {
    await s.graph(officer, ask.course, course({ agencyId, title, competency: 'Pertanian', form: 'KURSUS' }));
  }
  const query = `query ($search: String, $form: String, $agencyId: ID, $first: Int, $after: String) {
    courses(search: $search, form: $form, agencyId: $agencyId, first: $first, after: $after) {
      edges { node { title competency { code name area } } } pageInfo { endCursor hasNextPage }
    }
  }`;
  const find = async (variables: object) => (await s.graph(officer, query, variables)).data.courses;
  const titles = (found: { edges: { node: { title: string } }[] }) => found.edges.map(({ node }) => node.title);
  const found = await find({ search: 'BUDI', agencyId, first: 1 });
  expect(titles(found)).toEqual(['Budidaya Ikan']);
  expect(found.edges[0].node.competency).toEqual({ code: null, name: 'Pertanian', area: 'TECHNICAL' });
  const rest = await find({ search: 'BUDI', agencyId, first: 1, after: found.pageInfo.endCursor });
  expect([titles(rest), rest.pageInfo.hasNextPage]).toEqual([['Budidaya Padi'], false]);
  expect(titles(await find({ agencyId, form: 'KURSUS' }))).toEqual(['Arsip', 'Budidaya Ikan', 'Budidaya Padi']);
  expect(titles(await find({ agencyId, form: 'SEMINAR' }))).toEqual([]);
  expect(titles(await find({ agencyId, search: '%' }))).toEqual([]);
  expect(titles(await find({ agencyId, search: 'padi\0' }))).toEqual(['Budidaya Padi']);
});

test('the forms are those of the law', async () => {
  const { data } = await s.graph(place.officer, '{ trainingForms { code mode } }');
  expect(data.trainingForms).toHaveLength(25);
  expect(data.trainingForms).toContainEqual({ code: 'PATOK_BANDING', mode: 'NONKLASIKAL' });
});

test('what cannot be is refused with a code and the field', async () => {
  const used = course({ code: 'USED' });
  expect((await s.graph(place.officer, ask.course, used)).errors).toBeUndefined();
  const refusals: [object, string, string][] = [
    [used, 'COURSE_CODE_USED', 'code'],
    [course({ hours: 1.5 }), 'HOURS_OUT_OF_RANGE', 'hours'],
    [course({ form: 'PICNIC' }), 'FORM_UNKNOWN', 'form'],
    [course({ competency: 'M.10' }), 'COMPETENCY_UNKNOWN', 'competency'],
    [course({ title: 'x'.repeat(1_000_000) }), 'TEXT_TOO_LONG', 'title'],
    [course({ agencyId: 'ours' }), 'INVALID_ID', 'agencyId'],
  ];
  for (const [input, code, field] of refusals) {
    expect(codeOf(await s.graph(place.officer, ask.course, input))).toMatchObject({ code, field });
  }
});

test('a session is refused like that too', async () => {
  const { courseId } = await sessionIn(s, place);
  const session = (over: object) => ({
    input: { courseId, code: 'B', startsOn: '2026-03-02', endsOn: '2026-03-04', quota: 30, ...over },
  });
  const refusals: [object, string, string][] = [
    [{ code: 'A' }, 'SESSION_CODE_USED', 'code'],
    [{ startsOn: '2026-02-30' }, 'BAD_USER_INPUT', 'startsOn'],
    [{ endsOn: '2026-03-01' }, 'ENDS_BEFORE_START', 'endsOn'],
    [{ maxHours: 41 }, 'HOURS_OUT_OF_RANGE', 'maxHours'],
    [{ quota: 0 }, 'QUOTA_OUT_OF_RANGE', 'quota'],
    [{ meetsFrom: '9' }, 'TIME_INVALID', 'meetsFrom'],
    [{ courseId: randomUUID() }, 'COURSE_NOT_FOUND', 'courseId'],
  ];
  for (const [over, code, field] of refusals) {
    expect(codeOf(await s.graph(place.officer, ask.session, session(over)))).toMatchObject({ code, field });
  }
});

test('only HR of the agency adds to its catalogue; the public does not see it', async () => {
  const { officer: other } = await agencyWithOfficer(s);
  const { courseId } = await sessionIn(s, place);
  const session = { input: { courseId, code: 'Z', startsOn: '2026-03-02', endsOn: '2026-03-04', quota: 30 } };
  for (const viewer of [other, employee(await someone(s, place.agencyId)), PUBLIC]) {
    expect(codeOf(await s.graph(viewer, ask.course, course()))).toMatchObject({ code: 'FORBIDDEN' });
    expect(codeOf(await s.graph(viewer, ask.session, session))).toMatchObject({ code: 'FORBIDDEN' });
  }
  const { data, errors } = await s.graph(PUBLIC, `query ($id: ID!) { course(id: $id) { title } }`, { id: courseId });
  expect([data.course, errors?.[0].extensions.code]).toEqual([null, 'FORBIDDEN']);
});

test('what is not there is null, and what is no id is said', async () => {
  const query = `query ($id: ID!) { course(id: $id) { id } session(id: $id) { id } enrolment(id: $id) { id } }`;
  const { data, errors } = await s.graph(place.officer, query, { id: randomUUID() });
  expect([data, errors]).toEqual([{ course: null, session: null, enrolment: null }, undefined]);
  const malformed = await s.graph(place.officer, query, { id: '1; drop table course' });
  expect(malformed.errors?.map(({ extensions }) => extensions.code)).toEqual([
    'INVALID_ID',
    'INVALID_ID',
    'INVALID_ID',
  ]);
});
