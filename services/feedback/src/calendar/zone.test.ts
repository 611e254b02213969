import fc from 'fast-check';
import { addDays, dayIn, endOfDay, instantOf, isLocalDate, wallTime, weekdayOf } from './zone.js';

const zones = ['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura', 'UTC', 'America/New_York'];

test.each([
  ['2026-01-31T16:59:59Z', 'Asia/Jakarta', '2026-01-31'],
  ['2026-01-31T17:00:00Z', 'Asia/Jakarta', '2026-02-01'],
  ['2026-01-31T16:00:00Z', 'Asia/Makassar', '2026-02-01'],
  ['2026-01-31T15:00:00Z', 'Asia/Jayapura', '2026-02-01'],
])('at %s it is in %s the day %s', (instant, zone, day) => {
  expect(dayIn(new Date(instant), zone)).toBe(day);
});

test('a day ends a millisecond before the next begins, by the wall clock', () => {
  expect(endOfDay('2026-03-02', 'Asia/Jakarta')).toEqual(new Date('2026-03-02T16:59:59.999Z'));
  // 8 March 2026 has 23 hours in New York.
  expect(endOfDay('2026-03-08', 'America/New_York')).toEqual(new Date('2026-03-09T03:59:59.999Z'));
});

test('the wall time of an instant leads back to it', () => {
  // Twice a year an hour is shown twice in zones with summer time, of which Indonesia has none.
  const indonesian = fc.constantFrom(...zones.slice(0, 4));
  const instant = fc.date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
  fc.assert(fc.property(instant, indonesian, (at, zone) => expect(instantOf(wallTime(at, zone), zone)).toEqual(at)));
});

test('days of the week', () => {
  expect(['2026-03-02', '2026-03-07', '2026-03-08', '1969-12-28'].map(weekdayOf)).toEqual([1, 6, 7, 7]);
});

test('days cross months and leap years', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
});

test.each(['2026-02-30', '2026-13-01', '26-01-01', '2026-1-1', 'today', ''])('%p is no day', (text) => {
  expect(isLocalDate(text)).toBe(false);
});
