import { addDays, dateOf, dayOf } from '@merit/chassis/local-date';
import fc from 'fast-check';
import { WORKING_WEEKS } from './calendar.figures.js';
import {
  addWorkingDays,
  type Calendar,
  holidaysOf,
  isWorkingDay,
  type PublishedCalendar,
  publish,
  workingDaysBetween,
  workingMinutes,
} from './calendar.js';
import { NATIONAL_CALENDARS } from './calendar.national.js';

const national2026 = NATIONAL_CALENDARS.find(({ year }) => year === 2026)!;
const published = (over: Partial<PublishedCalendar> = {}): PublishedCalendar => ({
  id: 'c1',
  agencyId: null,
  version: 1,
  ...national2026,
  ...over,
});
const calendar: Calendar = {
  zone: 'Asia/Jakarta',
  weeks: WORKING_WEEKS,
  holidays: holidaysOf([published()], 'a1'),
};
const jakarta = (wall: string) => new Date(`${wall}:00+07:00`);

describe('working days', () => {
  test.each([
    ['Monday', '2026-03-02', true],
    ['Saturday', '2026-03-07', false],
    ['Sunday', '2026-03-08', false],
    ['a public holiday', '2026-03-19', false],
    ['shared leave', '2026-03-18', false],
  ])('%s (%s): %p', (_, date, works) => {
    expect(isWorkingDay(calendar, date)).toBe(works);
  });

  test.each([
    ['the day itself', '2026-03-02', 0, '2026-03-02'],
    ['the next day', '2026-03-02', 1, '2026-03-03'],
    ['over a weekend', '2026-03-06', 1, '2026-03-09'],
    ['from a Saturday', '2026-03-07', 1, '2026-03-09'],
    ['over Nyepi, Idulfitri and two weekends', '2026-03-17', 1, '2026-03-25'],
    ['five over Kenaikan', '2026-05-11', 5, '2026-05-20'],
    ['into a year without a calendar', '2026-12-31', 1, '2027-01-01'],
  ])('%s: %s and %i gives %s', (_, from, n, to) => {
    expect(addWorkingDays(calendar, from, n)).toBe(to);
  });

  test('counting them undoes adding them', () => {
    const day = fc.integer({ min: dayOf('2025-06-01'), max: dayOf('2027-06-01') }).map(dateOf);
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 90 }), (from, n) => {
        const to = addWorkingDays(calendar, from, n);
        expect(workingDaysBetween(calendar, from, to)).toBe(n);
        expect(n === 0 || isWorkingDay(calendar, to)).toBe(true);
      }),
    );
  });
});

describe('working minutes', () => {
  test.each([
    ['a full Monday', '2026-03-02T00:00', '2026-03-03T00:00', 450],
    ['a full Friday', '2026-03-06T00:00', '2026-03-07T00:00', 450],
    ['a full week', '2026-03-02T00:00', '2026-03-09T00:00', 2250],
    ['a weekend', '2026-03-06T16:30', '2026-03-09T07:30', 0],
    ['before the doors open', '2026-03-02T05:00', '2026-03-02T08:00', 30],
    ['over lunch', '2026-03-02T11:30', '2026-03-02T13:30', 60],
    ['overnight', '2026-03-02T15:30', '2026-03-03T08:00', 60],
    ['backwards', '2026-03-03T08:00', '2026-03-02T08:00', 0],
    ['over Idulfitri', '2026-03-17T15:00', '2026-03-25T08:30', 120],
  ])('%s: %s to %s are %i', (_, from, to, minutes) => {
    expect(workingMinutes(calendar, jakarta(from), jakarta(to))).toBe(minutes);
  });

  test('add up, wherever the time is cut', () => {
    const minute = fc
      .integer({ min: 0, max: 60 * 24 * 60 })
      .map((m) => new Date(jakarta('2026-03-01T00:00').getTime() + m * 60_000));
    fc.assert(
      fc.property(fc.tuple(minute, minute, minute), (times) => {
        const [a, b, c] = [...times].sort((x, y) => x.getTime() - y.getTime()) as [Date, Date, Date];
        expect(workingMinutes(calendar, a, b) + workingMinutes(calendar, b, c)).toBe(workingMinutes(calendar, a, c));
      }),
    );
  });
});

describe('publishing a calendar', () => {
  test('puts the days in order and says so', () => {
    const given = published({ holidays: [...national2026.holidays].reverse() });
    const { state, events } = publish(given);
    expect(state.holidays).toEqual(national2026.holidays);
    expect(events).toEqual([{ type: 'CalendarPublished', calendar: state }]);
  });

  test.each([
    ['a day that is none', [{ date: '2026-02-30', name: 'x' }], 'DATE_INVALID'],
    ['a day of another year', [{ date: '2027-01-01', name: 'x' }], 'HOLIDAY_OUTSIDE_YEAR'],
    [
      'a day twice',
      [
        { date: '2026-01-01', name: 'x' },
        { date: '2026-01-01', name: 'y' },
      ],
      'HOLIDAY_TWICE',
    ],
    ['a day without a name', [{ date: '2026-01-01', name: ' ' }], 'TEXT_REQUIRED'],
    [
      'more days than a year has',
      Array.from({ length: 367 }, () => ({ date: '2026-01-01', name: 'x' })),
      'TOO_MANY_HOLIDAYS',
    ],
  ])('refuses %s', (_, holidays, code) => {
    expect(() => publish(published({ holidays }))).toThrow(expect.objectContaining({ code }));
  });

  test.each([1999, 2101, 2026.5, Number.NaN])('refuses the year %p', (year) => {
    expect(() => publish(published({ year }))).toThrow(expect.objectContaining({ code: 'YEAR_OUT_OF_RANGE' }));
  });

  test('the national one that Merit ships with has 17 holidays and 8 days of shared leave', () => {
    const { state } = publish(published());
    expect(state.holidays.filter(({ name }) => name.startsWith('Cuti bersama'))).toHaveLength(8);
    expect(state.holidays).toHaveLength(25);
  });
});

test("an agency's own calendar stands in for the national one in its year", () => {
  const own = published({ id: 'c2', agencyId: 'a1', holidays: [{ date: '2026-06-22', name: 'Hari jadi kota' }] });
  const next = published({ id: 'c3', year: 2027, holidays: [{ date: '2027-01-01', name: 'Tahun Baru' }] });
  const other = published({ id: 'c4', agencyId: 'a2', holidays: [{ date: '2026-07-01', name: 'x' }] });
  expect([...holidaysOf([published(), own, next, other], 'a1')]).toEqual(['2026-06-22', '2027-01-01']);
});

test('the shipped week has 37.5 hours', () => {
  const monday = '2026-06-08';
  const to = addDays(monday, 7);
  expect(workingMinutes(calendar, jakarta(`${monday}T00:00`), jakarta(`${to}T00:00`))).toBe(37.5 * 60);
});
