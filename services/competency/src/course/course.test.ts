import { type CourseInput, describeCourse, sameCourse } from './course.js';

const catalogue = { forms: new Set(['SEMINAR']), competencies: new Set(['M.05']) };
const place = { id: 'c1', agencyId: 'a1' };
const input: CourseInput = {
  code: 'PP-01',
  title: 'Pelayanan prima',
  form: 'SEMINAR',
  hours: 8,
  competency: 'M.05',
  provider: 'BKPSDM',
};
const describeWith = (over: Partial<CourseInput>) => describeCourse({ ...input, ...over }, place, catalogue);

test('a course raises a competency of every position', () => {
  expect(describeWith({ method: 'Simulasi' })).toEqual({
    ...place,
    ...input,
    method: 'Simulasi',
    competency: { kind: 'COMMON', code: 'M.05' },
  });
});

test('or a technical one, in words', () => {
  expect(describeWith({ competency: 'Budidaya padi' }).competency).toEqual({
    kind: 'TECHNICAL',
    name: 'Budidaya padi',
  });
});

test.each<[Partial<CourseInput>, string, string]>([
  [{ code: ' ' }, 'TEXT_REQUIRED', 'code'],
  [{ title: 'x'.repeat(301) }, 'TEXT_TOO_LONG', 'title'],
  [{ provider: 'a\0b' }, 'TEXT_INVALID', 'provider'],
  [{ method: '' }, 'TEXT_REQUIRED', 'method'],
  [{ form: 'PICNIC' }, 'FORM_UNKNOWN', 'form'],
  [{ competency: 'M.10' }, 'COMPETENCY_UNKNOWN', 'competency'],
  [{ hours: 0 }, 'HOURS_OUT_OF_RANGE', 'hours'],
  [{ hours: -1 }, 'HOURS_OUT_OF_RANGE', 'hours'],
  [{ hours: 1.5 }, 'HOURS_OUT_OF_RANGE', 'hours'],
  [{ hours: 1e9 }, 'HOURS_OUT_OF_RANGE', 'hours'],
  [{ hours: Number.NaN }, 'HOURS_OUT_OF_RANGE', 'hours'],
])('%j is refused with %s', (over, code, field) => {
  expect(() => describeWith(over)).toThrow(
    expect.objectContaining({ code, params: expect.objectContaining({ field }) }),
  );
});

test('two descriptions are the same when all that they say is', () => {
  expect(sameCourse(describeWith({}), { ...describeWith({}), id: 'c2' })).toBe(true);
  expect(sameCourse(describeWith({}), describeWith({ hours: 9 }))).toBe(false);
  expect(sameCourse(describeWith({}), describeWith({ competency: 'Budidaya padi' }))).toBe(false);
});
