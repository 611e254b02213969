import { planSession, type SessionInput, timeOf } from './session.js';

const place = { id: 's1', courseId: 'c1' };
const input: SessionInput = { code: 'A', startsOn: '2026-03-02', endsOn: '2026-03-04', quota: 30 };
const plan = (over: Partial<SessionInput>) => planSession({ ...input, ...over }, 16, place);

test('a session gives the hours of its course, unless it says less', () => {
  expect(plan({})).toEqual({ ...place, ...input, meets: null, maxHours: 16 });
  expect(plan({ maxHours: 8 }).maxHours).toBe(8);
});

test('it may say when it meets', () => {
  const { meets } = plan({ meetsFrom: '08:30', meetsTo: '16:00' });
  expect(meets).toEqual({ from: 510, to: 960 });
  expect([timeOf(510), timeOf(960)]).toEqual(['08:30', '16:00']);
});

test.each<[Partial<SessionInput>, string, string]>([
  [{ code: '' }, 'TEXT_REQUIRED', 'code'],
  [{ startsOn: '2026-02-30' }, 'DATE_INVALID', 'startsOn'],
  [{ endsOn: '2026-02-30' }, 'DATE_INVALID', 'endsOn'],
  [{ startsOn: '1969-12-31' }, 'DATE_TOO_EARLY', 'startsOn'],
  [{ endsOn: '2026-03-01' }, 'ENDS_BEFORE_START', 'endsOn'],
  [{ endsOn: '2027-03-03' }, 'TRAINING_TOO_LONG', 'endsOn'],
  [{ meetsFrom: '08:30' }, 'TIME_INVALID', 'meetsTo'],
  [{ meetsTo: '16:00' }, 'TIME_INVALID', 'meetsFrom'],
  [{ meetsFrom: '8:30', meetsTo: '16:00' }, 'TIME_INVALID', 'meetsFrom'],
  [{ meetsFrom: '24:00', meetsTo: '24:30' }, 'TIME_INVALID', 'meetsFrom'],
  [{ meetsFrom: '16:00', meetsTo: '08:30' }, 'TIME_INVALID', 'meetsTo'],
  [{ quota: 0 }, 'QUOTA_OUT_OF_RANGE', 'quota'],
  [{ quota: 1.5 }, 'QUOTA_OUT_OF_RANGE', 'quota'],
  [{ quota: 1e9 }, 'QUOTA_OUT_OF_RANGE', 'quota'],
  [{ maxHours: 0 }, 'HOURS_OUT_OF_RANGE', 'maxHours'],
  [{ maxHours: 17 }, 'HOURS_OUT_OF_RANGE', 'maxHours'],
])('%j is refused with %s', (over, code, field) => {
  expect(() => plan(over)).toThrow(expect.objectContaining({ code, params: expect.objectContaining({ field }) }));
});
