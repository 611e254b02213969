import type { Session } from '../session/session.js';
import {
  type Completed,
  complete,
  correct,
  type Enrolled,
  enrol,
  enter,
  requireOther,
  requireVersion,
  revoke,
  withdraw,
} from './enrolment.js';
import type { Result } from './result.js';

const session: Session = {
  id: 's1',
  courseId: 'c1',
  code: 'A',
  startsOn: '2026-03-02',
  endsOn: '2026-03-04',
  meets: null,
  quota: 2,
  maxHours: 40,
};
const enrolledAt = new Date('2026-02-01T00:00:00Z');
const person = { id: 'e1', employeeId: 'p1', enrolledAt };
const enrolled: Enrolled = { ...person, courseId: 'c1', sessionId: 's1', status: 'ENROLLED', version: 1 };
const certificate = { hours: 16, certificateNumber: 'BKPSDM-1', verified: true };
const finished = { ...certificate, completedAt: new Date('2026-03-04T09:00:00Z') };
const at = { now: new Date('2026-03-10T00:00:00Z'), timeZone: 'Asia/Jakarta', eventId: 'v1' };
const completed: Completed = complete(enrolled, session, finished, at).state;
const refusal = (code: string, params = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });

describe('taking a place', () => {
  const free = { taken: 1, late: false, today: '2026-03-04' };
  test('is possible while there are places, up to the last day', () => {
    expect(enrol(person, session, free)).toEqual(enrolled);
  });
  test('is not when all are taken', () => {
    expect(() => enrol(person, session, { ...free, taken: 2 })).toThrow(refusal('SESSION_FULL', { quota: 2 }));
  });
  test('is not after the last day, but for the personnel office', () => {
    const over = { ...free, today: '2026-03-05' };
    expect(() => enrol(person, session, over)).toThrow(refusal('SESSION_OVER'));
    expect(enrol(person, session, { ...over, late: true })).toEqual(enrolled);
  });
  test('can be undone, with a reason, until there is a result', () => {
    expect(withdraw(enrolled, ' ill ')).toEqual({ ...enrolled, status: 'WITHDRAWN', reason: 'ill', version: 2 });
    expect(() => withdraw(enrolled, ' ')).toThrow(refusal('TEXT_REQUIRED', { field: 'reason' }));
    expect(() => withdraw(completed, 'ill')).toThrow(refusal('ENROLMENT_NOT_OPEN', { status: 'COMPLETED' }));
  });
});

describe('completing a training', () => {
  test('gives the hours and says so', () => {
    const { state, events } = complete(enrolled, session, finished, at);
    const days = { startsOn: '2026-03-02', endsOn: '2026-03-04' };
    expect(state).toEqual({ ...enrolled, ...finished, ...days, status: 'COMPLETED', eventId: 'v1', version: 2 });
    expect(events).toEqual([{ type: 'TrainingCompleted', enrolment: state }]);
  });
  test('happens once', () => {
    expect(() => complete(completed, session, finished, at)).toThrow(
      refusal('ENROLMENT_NOT_OPEN', { status: 'COMPLETED' }),
    );
  });
  test('does not happen to a place that was given back', () => {
    const withdrawn = withdraw(enrolled, 'ill');
    expect(() => complete(withdrawn, session, finished, at)).toThrow(
      refusal('ENROLMENT_NOT_OPEN', { status: 'WITHDRAWN' }),
    );
  });
  test('before the last day spreads the hours over the days until then', () => {
    const early = { ...finished, completedAt: new Date('2026-03-02T17:00:00Z') }; // the 3rd in Jakarta
    expect(complete(enrolled, session, early, at).state).toMatchObject({
      startsOn: '2026-03-02',
      endsOn: '2026-03-03',
    });
  });
  test.each([0, -1, 1.5, 41, Number.NaN, 1e9])('refuses %p hours', (hours) => {
    expect(() => complete(enrolled, session, { ...finished, hours }, at)).toThrow(
      refusal('HOURS_OUT_OF_RANGE', { max: 40, field: 'hours' }),
    );
  });
  test.each([
    ['before the session', '2026-03-01T16:59:59Z', 'COMPLETED_BEFORE_START'],
    ['in the future', '2026-03-10T00:00:01Z', 'COMPLETED_IN_FUTURE'],
    ['on no date', 'no date', 'DATE_INVALID'],
  ])('refuses a completion %s', (_, completedAt, code) => {
    expect(() => complete(enrolled, session, { ...finished, completedAt: new Date(completedAt) }, at)).toThrow(
      refusal(code, { field: 'completedAt' }),
    );
  });
  test('needs a certificate number', () => {
    expect(() => complete(enrolled, session, { ...finished, certificateNumber: '\0' }, at)).toThrow(
      refusal('TEXT_INVALID', { field: 'certificateNumber' }),
    );
  });
});

describe('entering a training from a list', () => {
  const place = { ...person, courseId: 'c1', sessionId: null, status: 'NEW', version: 0 } as const;
  const result: Result = { ...finished, startsOn: '2026-03-02', endsOn: '2026-03-04' };
  const enterAs = (over: Partial<Result>, of: Session | null = null) =>
    enter(place, { session: of, maxHours: 40 }, { ...result, ...over }, at);

  test('needs no session', () => {
    const { state } = enterAs({});
    expect(state).toEqual({ ...place, ...result, status: 'COMPLETED', eventId: 'v1', version: 1 });
  });
  test('completes the open place in the session, and no closed one', () => {
    const of = { session, maxHours: 40 };
    expect(enter(enrolled, of, result, at).state).toMatchObject({ id: 'e1', status: 'COMPLETED', version: 2 });
    expect(() => enter(completed, of, result, at)).toThrow(refusal('ENROLMENT_NOT_OPEN'));
  });
  test.each<[Partial<Result>, string, string, Session | null]>([
    [{ hours: 41 }, 'HOURS_OUT_OF_RANGE', 'hours', null],
    [{ startsOn: '2026-02-30' }, 'DATE_INVALID', 'startsOn', null],
    [{ endsOn: '2026-03-01' }, 'ENDS_BEFORE_START', 'endsOn', null],
    [{ endsOn: '2026-03-05' }, 'COMPLETED_BEFORE_END', 'completedAt', null],
    [{ startsOn: '2026-03-05', endsOn: '2026-03-05' }, 'COMPLETED_BEFORE_START', 'completedAt', null],
    [{ startsOn: '2025-01-01' }, 'TRAINING_TOO_LONG', 'endsOn', null],
    [{ startsOn: '2026-03-01' }, 'DATES_OUTSIDE_SESSION', 'startsOn', session],
  ])('%j is refused with %s', (over, code, field, of) => {
    expect(() => enterAs(over, of)).toThrow(refusal(code, { field }));
  });
});

describe('a result', () => {
  const again = { ...at, eventId: 'v2' };
  const fix = (changes: Partial<Result>, reason = 'typing error') =>
    correct(completed, { changes, reason, maxHours: 40 }, again);

  test('can be corrected, and names what it replaces', () => {
    const { state, events } = fix({ hours: 8 });
    expect(state).toEqual({ ...completed, hours: 8, eventId: 'v2', version: 3 });
    expect(events).toEqual([
      { type: 'TrainingCorrected', enrolment: state, before: completed, reason: 'typing error' },
    ]);
  });
  test('is only corrected to what can be', () => {
    expect(() => fix({ hours: 41 })).toThrow(refusal('HOURS_OUT_OF_RANGE'));
    expect(() => fix({ completedAt: new Date('2026-03-03T00:00:00Z') })).toThrow(refusal('COMPLETED_BEFORE_END'));
    expect(() => fix({ hours: 16 })).toThrow(refusal('NOTHING_TO_CORRECT'));
    expect(() => fix({ hours: 8 }, '')).toThrow(refusal('TEXT_REQUIRED', { field: 'reason' }));
  });
  test('can be taken back, once, with a reason', () => {
    const { state, events } = revoke(completed, 'forged', 'v2');
    expect(state).toEqual({ ...completed, status: 'REVOKED', reason: 'forged', eventId: 'v2', version: 3 });
    expect(events).toEqual([{ type: 'TrainingRevoked', enrolment: state, before: completed }]);
    expect(() => revoke(state, 'forged', 'v3')).toThrow(refusal('ENROLMENT_NOT_COMPLETED', { status: 'REVOKED' }));
    expect(() => revoke(completed, '', 'v2')).toThrow(refusal('TEXT_REQUIRED', { field: 'reason' }));
  });
  test('that never was can be neither corrected nor revoked', () => {
    expect(() => revoke(enrolled, 'forged', 'v2')).toThrow(refusal('ENROLMENT_NOT_COMPLETED'));
    expect(() => correct(enrolled, { changes: { hours: 8 }, reason: 'x', maxHours: 40 }, again)).toThrow(
      refusal('ENROLMENT_NOT_COMPLETED'),
    );
  });
});

test('nobody enters results on their own record', () => {
  expect(() => requireOther('p1', 'p1')).toThrow(refusal('OWN_RECORD'));
  expect(() => requireOther('p2', 'p1')).not.toThrow();
  expect(() => requireOther(null, 'p1')).not.toThrow();
});

test('an edit of what someone else has changed is a conflict', () => {
  expect(() => requireVersion(completed, 1)).toThrow(refusal('CONFLICT', { version: 2 }));
  expect(() => requireVersion(completed, 2)).not.toThrow();
  expect(() => requireVersion(completed, null)).not.toThrow();
});
