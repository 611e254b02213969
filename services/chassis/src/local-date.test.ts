import fc from 'fast-check';
import {
  addDays,
  DAY_MS,
  dateOf,
  dayOf,
  daysFrom,
  isLocalDate,
  localDateAt,
  requireDate,
  startOfDay,
} from './local-date.js';

test.each(['2026-02-28', '2024-02-29', '2000-02-29', '2026-12-31', '1900-01-01', '9999-12-31'])(
  '%p is a day',
  (text) => {
    expect(isLocalDate(text)).toBe(true);
    expect(requireDate(text, 'validFrom')).toBe(text);
  },
);

test.each([
  '2026-02-29',
  '2026-02-30',
  '1900-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '9999-99-99',
  '0000-00-00',
  '2026-1-1',
  '26-01-01',
  '01/02/2026',
  '',
  'today',
  'tomorrow',
  '2026-04-31T00',
  '2026-01-01T00:00:00Z',
  '२०२६-०१-०१',
])('%p is no day', (text) => {
  expect(isLocalDate(text)).toBe(false);
  expect(() => requireDate(text, 'validFrom')).toThrow(
    expect.objectContaining({ code: 'DATE_INVALID', params: { field: 'validFrom' } }),
  );
});

test('what is a day is what Date reads as one', () => {
  const two = (n: number) => String(n).padStart(2, '0');
  const texts = fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 }))
    .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${two(month % 15)}-${two(day % 34)}`);
  fc.assert(
    fc.property(texts, (text) => {
      const read = new Date(`${text}T00:00:00Z`);
      expect(isLocalDate(text)).toBe(!Number.isNaN(read.getTime()) && read.toISOString().startsWith(text));
    }),
  );
});

test('days are numbered without a gap', () => {
  const first = dayOf('1969-12-25');
  const days = Array.from({ length: dayOf('2101-03-02') - first }, (_, i) => first + i);
  expect(days.filter((day) => dayOf(dateOf(day)) !== day)).toEqual([]);
  expect([dayOf('1970-01-01'), dayOf('2025-02-29') - dayOf('2025-03-01')]).toEqual([0, 0]);
  expect(dateOf(dayOf('2024-02-28') + 2)).toBe('2024-03-01');
  expect(daysFrom('2025-12-30', '2026-01-02')).toBe(4);
});

test('days are added over months and leap years', () => {
  expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
});

test.each([
  ['2026-01-31T16:59:59Z', 'Asia/Jakarta', '2026-01-31'],
  ['2026-01-31T17:00:00Z', 'Asia/Jakarta', '2026-02-01'],
  ['2026-01-31T16:00:00Z', 'Asia/Makassar', '2026-02-01'],
  ['2026-01-31T15:00:00Z', 'Asia/Jayapura', '2026-02-01'],
  ['2026-03-01T16:30:00Z', 'Asia/Jakarta', '2026-03-01'],
  ['2026-03-01T16:30:00Z', 'Asia/Makassar', '2026-03-02'],
  ['2026-12-31T16:30:00Z', 'Asia/Jakarta', '2026-12-31'],
  ['2026-12-31T16:30:00Z', 'Asia/Jayapura', '2027-01-01'],
  ['2026-03-04T17:30:00Z', 'UTC', '2026-03-04'],
  ['2026-03-04T17:30:00Z', 'Asia/Jakarta', '2026-03-05'],
  ['2026-03-04T18:29:59Z', 'Asia/Kolkata', '2026-03-04'],
  ['2026-03-04T18:30:00Z', 'Asia/Kolkata', '2026-03-05'],
])('at %s it is in %s the day %s', (instant, zone, day) => {
  expect(localDateAt(new Date(instant), zone)).toBe(day);
});

test.each([
  ['2026-03-04', 'Asia/Jakarta', '2026-03-03T17:00:00.000Z'],
  ['2026-03-04', 'Asia/Jayapura', '2026-03-03T15:00:00.000Z'],
  ['2026-03-04', 'UTC', '2026-03-04T00:00:00.000Z'],
  // 8 March 2026 has 23 hours in New York.
  ['2026-03-08', 'America/New_York', '2026-03-08T05:00:00.000Z'],
  ['2026-03-09', 'America/New_York', '2026-03-09T04:00:00.000Z'],
])('%s begins in %s at %s', (day, zone, instant) => {
  expect(startOfDay(day, zone).toISOString()).toBe(instant);
});

test('a moment lies in its day', () => {
  const zones = fc.constantFrom('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura', 'UTC', 'America/New_York');
  const moments = fc.date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(moments, zones, (moment, zone) => {
      const day = localDateAt(moment, zone);
      expect(startOfDay(day, zone).getTime()).toBeLessThanOrEqual(moment.getTime());
      expect(startOfDay(addDays(day, 1), zone).getTime()).toBeGreaterThan(moment.getTime());
      expect(localDateAt(new Date(startOfDay(day, zone).getTime() - 1), zone)).toBe(addDays(day, -1));
    }),
  );
  expect(startOfDay('1970-01-02', 'UTC').getTime()).toBe(DAY_MS);
});
