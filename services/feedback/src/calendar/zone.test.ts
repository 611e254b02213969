import { startOfDay } from '@merit/chassis/local-date';
import fc from 'fast-check';
import { endOfDay, wallTime, weekdayOf } from './zone.js';

test('a day ends a millisecond before the next begins, by the wall clock', () => {
  expect(endOfDay('2026-03-02', 'Asia/Jakarta')).toEqual(new Date('2026-03-02T16:59:59.999Z'));
  // 8 March 2026 has 23 hours in New York.
  expect(endOfDay('2026-03-08', 'America/New_York')).toEqual(new Date('2026-03-09T03:59:59.999Z'));
});

test('the wall time of an instant leads back to it', () => {
  // Zones with summer time have days on which the clock on the wall is put back, of which Indonesia has none.
  const indonesian = fc.constantFrom('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura', 'UTC');
  const instant = fc.date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(instant, indonesian, (at, zone) => {
      const { date, ms } = wallTime(at, zone);
      expect(new Date(startOfDay(date, zone).getTime() + ms)).toEqual(at);
    }),
  );
});

test('days of the week', () => {
  expect(['2026-03-02', '2026-03-07', '2026-03-08', '1969-12-28'].map(weekdayOf)).toEqual([1, 6, 7, 7]);
});
