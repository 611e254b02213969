import fc from 'fast-check';
import { WORKING_WEEKS } from '../calendar/calendar.figures.js';
import { holidaysOf } from '../calendar/calendar.js';
import { NATIONAL_CALENDARS } from '../calendar/calendar.national.js';
import { COMPLAINT_FIGURES, type ComplaintClass } from './complaint.figures.js';
import { type Complaint, forward, type Rules, receive, reject, reopen, reopenableUntil, resolve } from './complaint.js';
import { moveClocks, passDeadline } from './limits.js';
import type { Officer } from './officer.js';

const national = NATIONAL_CALENDARS.map((shipped) => ({ id: 'c', agencyId: null, version: 1, ...shipped }));
const rules: Rules = {
  figures: COMPLAINT_FIGURES,
  calendar: { zone: 'Asia/Jakarta', weeks: WORKING_WEEKS, holidays: holidaysOf(national, 'a1') },
};
const jakarta = (wall: string) => new Date(`${wall}:00+07:00`);
const lastMoment = (date: string) => new Date(`${date}T23:59:59.999+07:00`);
const triage: Officer = { employeeId: 'triage', inside: false };
const clerk: Officer = { employeeId: 'clerk', inside: true };
const code = (expected: string) => expect.objectContaining({ code: expected });

const about = { id: 'c1', serviceId: 's1', unitId: 'u1', agencyId: 'a1' };
const received = (at = '2026-03-02T09:00') => receive(about, rules, jakarta(at)).state;
const forwarded = (at = '2026-03-02T10:00', given: ComplaintClass = 'SIMPLE', named: string[] = []) =>
  forward(received(), { class: given, named }, triage, rules, jakarta(at)).state;
const resolved = (at: string, from = forwarded()) => resolve(from, 'clerk', clerk, rules, jakarta(at)).state;

describe('a complaint comes in', () => {
  test('and is to be verified within three working days', () => {
    const { state, events } = receive(about, rules, jakarta('2026-03-05T09:00'));
    expect(state.verifyBy).toEqual(lastMoment('2026-03-10'));
    expect(events).toEqual([{ type: 'ComplaintReceived', complaint: state, at: jakarta('2026-03-05T09:00') }]);
  });
});

describe('a complaint is forwarded', () => {
  test.each<[ComplaintClass, string]>([
    ['INFORMATION', '2026-03-09'],
    ['SIMPLE', '2026-03-09'],
    // Nyepi, Idulfitri and their shared leave lie between.
    ['WITHOUT_FIELD_CHECK', '2026-03-27'],
    ['WITH_FIELD_CHECK', '2026-06-10'],
  ])('as %s it is due at the end of %s', (given, due) => {
    expect(forwarded('2026-03-02T10:00', given).clock.dueAt).toEqual(lastMoment(due));
  });

  test('not by the unit itself, which would set its own limit', () => {
    expect(() => forward(received(), { class: 'SIMPLE', named: [] }, clerk, rules, new Date())).toThrow(
      code('DECIDED_OUTSIDE_UNIT'),
    );
  });

  test('not by someone whom it names', () => {
    expect(() => forward(received(), { class: 'SIMPLE', named: ['triage'] }, triage, rules, new Date())).toThrow(
      code('COMPLAINT_NAMES_HANDLER'),
    );
  });

  test('naming twenty people at most, each once', () => {
    const people = Array.from({ length: 21 }, (_, i) => `p${i}`);
    const named = [...people.slice(0, 20), 'p0'];
    expect(forward(received(), { class: 'SIMPLE', named }, triage, rules, new Date()).state.named).toHaveLength(20);
    expect(() => forward(received(), { class: 'SIMPLE', named: people }, triage, rules, new Date())).toThrow(
      code('TOO_MANY_NAMED'),
    );
  });

  test('once', () => {
    expect(() => forward(forwarded(), { class: 'SIMPLE', named: [] }, triage, rules, new Date())).toThrow(
      code('COMPLAINT_NOT_OPEN'),
    );
  });
});

describe('a complaint is resolved', () => {
  test('with its handler, its working minutes and whether it was in time', () => {
    const { state, events } = resolve(forwarded(), 'clerk', clerk, rules, jakarta('2026-03-03T08:30'));
    // 10.00–12.00, 13.00–16.00, and from 7.30 the next day.
    expect(state).toMatchObject({ handlerId: 'clerk', inTime: true, clock: { usedDays: 1, usedMinutes: 360 } });
    expect(events.map(({ type }) => type)).toEqual(['ComplaintResolved']);
  });

  test.each([
    ['2026-03-09T23:59', true],
    ['2026-03-10T00:00', false],
  ])('at %s: in time %p', (at, inTime) => {
    expect(resolved(at).inTime).toBe(inTime);
  });

  test('by nobody whom it names, as officer or as handler', () => {
    const naming = forwarded('2026-03-02T10:00', 'SIMPLE', ['clerk']);
    expect(() => resolve(naming, 'other', clerk, rules, new Date())).toThrow(code('COMPLAINT_NAMES_HANDLER'));
    expect(() => resolve(naming, 'clerk', triage, rules, new Date())).toThrow(code('COMPLAINT_NAMES_HANDLER'));
  });

  test('not before it was forwarded, and not twice', () => {
    expect(() => resolve(received(), 'clerk', clerk, rules, new Date())).toThrow(code('COMPLAINT_NOT_OPEN'));
    expect(() => resolve(resolved('2026-03-03T09:00'), 'clerk', clerk, rules, new Date())).toThrow(
      code('COMPLAINT_NOT_OPEN'),
    );
  });
});

describe('a complaint is reopened', () => {
  test('and its first clock runs on: two of five days are used, three are left', () => {
    const { state } = reopen(resolved('2026-03-04T10:00'), null, rules, jakarta('2026-03-11T09:00'));
    expect(state.clock.dueAt).toEqual(lastMoment('2026-03-16'));
    expect(resolved('2026-03-16T10:00', { ...state, status: 'REOPENED' } as never)).toMatchObject({
      inTime: true,
      clock: { usedDays: 5 },
    });
  });

  test('minutes of both runs add up, the rest between does not count', () => {
    const { state } = reopen(resolved('2026-03-02T11:00'), null, rules, jakarta('2026-03-11T09:00'));
    const again = resolve(state, 'clerk', clerk, rules, jakarta('2026-03-11T10:30')).state;
    expect(again.clock.usedMinutes).toBe(60 + 90);
  });

  test('on its last day, it is due on the day it is reopened', () => {
    const { state } = reopen(resolved('2026-03-09T10:00'), null, rules, jakarta('2026-03-12T09:00'));
    expect(state.clock.dueAt).toEqual(lastMoment('2026-03-12'));
  });

  test('after it was late, it stays late', () => {
    const { state } = reopen(resolved('2026-03-10T09:00'), null, rules, jakarta('2026-03-12T09:00'));
    expect(state.clock.dueAt).toEqual(lastMoment('2026-03-09'));
    expect(resolve(state, 'clerk', clerk, rules, jakarta('2026-03-12T10:00')).state.inTime).toBe(false);
  });

  test('by the one who complained within ten working days, by an officer also later', () => {
    const done = resolved('2026-03-03T10:00');
    expect(reopenableUntil(done, rules)).toEqual(lastMoment('2026-03-17'));
    expect(() => reopen(done, null, rules, jakarta('2026-03-18T00:00'))).toThrow(code('REOPENING_TOO_LATE'));
    expect(reopen(done, triage, rules, jakarta('2026-03-18T00:00')).state.status).toBe('REOPENED');
  });

  test('only when it was finished', () => {
    expect(() => reopen(forwarded(), triage, rules, new Date())).toThrow(code('COMPLAINT_NOT_RESOLVED'));
  });
});

describe('a complaint is rejected', () => {
  test('before or after it was forwarded, outside the unit', () => {
    expect(reject(received(), triage, jakarta('2026-03-03T09:00')).state).toEqual({
      ...received(),
      status: 'REJECTED',
      rejectedAt: jakarta('2026-03-03T09:00'),
    });
    expect(reject(forwarded(), triage, new Date()).events.map(({ type }) => type)).toEqual(['ComplaintRejected']);
    expect(() => reject(forwarded(), clerk, new Date())).toThrow(code('DECIDED_OUTSIDE_UNIT'));
  });

  test('not once it was finished', () => {
    expect(() => reject(resolved('2026-03-03T09:00'), triage, new Date())).toThrow(code('COMPLAINT_NOT_OPEN'));
  });
});

describe('the limit passes', () => {
  test('once, when its last moment is over', () => {
    const open = forwarded();
    expect(passDeadline(open, open.clock.dueAt).events).toEqual([]);
    const { state, events } = passDeadline(open, jakarta('2026-03-10T00:00'));
    expect(events).toEqual([{ type: 'ComplaintDeadlinePassed', complaint: state, at: open.clock.dueAt }]);
    expect(passDeadline(state, jakarta('2026-03-11T00:00')).events).toEqual([]);
  });
});

describe('a calendar is published', () => {
  const holiday = (date: string): Rules => ({
    ...rules,
    calendar: { ...rules.calendar, holidays: new Set([...rules.calendar.holidays, date]) },
  });

  test('and moves the clocks that run', () => {
    const now = jakarta('2026-03-04T09:00');
    expect(moveClocks(forwarded(), holiday('2026-03-06'), now)).toMatchObject({
      clock: { dueAt: lastMoment('2026-03-10') },
    });
    expect(moveClocks(received(), holiday('2026-03-05'), now)).toMatchObject({ verifyBy: lastMoment('2026-03-06') });
  });

  test('but not one that has passed', () => {
    const open = forwarded();
    expect(moveClocks(open, holiday('2026-03-06'), jakarta('2026-03-10T00:00'))).toEqual(open);
  });

  test('and a holiday that is taken back lets no clock pass at once', () => {
    const later = forward(
      received(),
      { class: 'SIMPLE', named: [] },
      triage,
      holiday('2026-03-06'),
      jakarta('2026-03-02T10:00'),
    );
    const tenth = jakarta('2026-03-10T15:00');
    expect(moveClocks(later.state, rules, tenth)).toMatchObject({ clock: { dueAt: lastMoment('2026-03-10') } });
  });
});

test('whatever is done in whatever order, time used never shrinks and an end in time is never after its limit', () => {
  const step = fc.record({
    move: fc.constantFrom('forward', 'resolve', 'reopen', 'reject'),
    minutes: fc.integer({ min: 1, max: 6000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let complaint: Complaint = received();
      let now = jakarta('2026-03-02T09:00');
      for (const { move, minutes } of steps) {
        now = new Date(now.getTime() + minutes * 60_000);
        const used = 'clock' in complaint ? complaint.clock.usedMinutes : 0;
        complaint = attempt(complaint, move, now);
        if ('clock' in complaint) expect(complaint.clock.usedMinutes).toBeGreaterThanOrEqual(used);
        if (complaint.status === 'RESOLVED')
          expect(complaint.inTime).toBe(complaint.resolvedAt <= complaint.clock.dueAt);
      }
    }),
  );
});

/** The step if it is allowed, else the complaint as it was: an illegal move throws one of the documented codes. */
function attempt(complaint: Complaint, move: string, now: Date): Complaint {
  try {
    if (move === 'forward') return forward(complaint, { class: 'SIMPLE', named: [] }, triage, rules, now).state;
    if (move === 'resolve') return resolve(complaint, 'clerk', clerk, rules, now).state;
    if (move === 'reopen') return reopen(complaint, triage, rules, now).state;
    return reject(complaint, triage, now).state;
  } catch (error) {
    expect(['COMPLAINT_NOT_OPEN', 'COMPLAINT_NOT_RESOLVED']).toContain((error as { code: string }).code);
    return complaint;
  }
}
