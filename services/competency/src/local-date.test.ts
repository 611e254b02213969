import { dateOf, dayOf, daysFrom, isLocalDate, localDate, requireDate, startOfDay } from './local-date.js';

test.each([
  ['2026-02-28', true],
  ['2024-02-29', true],
  ['2026-02-29', false],
  ['2026-02-30', false],
  ['2026-13-01', false],
  ['2026-1-1', false],
  ['tomorrow', false],
  ['', false],
])('%p is a day: %p', (text, is) => {
  expect(isLocalDate(text)).toBe(is);
});

test('a day that does not exist is refused with its field', () => {
  expect(() => requireDate('2026-02-30', 'startsOn')).toThrow(
    expect.objectContaining({ code: 'DATE_INVALID', params: { field: 'startsOn' } }),
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

test('a day begins where the agency is', () => {
  const instant = new Date('2026-03-04T17:30:00Z');
  expect(['Asia/Jakarta', 'UTC', 'Asia/Jayapura'].map((zone) => localDate(instant, zone))).toEqual([
    '2026-03-05',
    '2026-03-04',
    '2026-03-05',
  ]);
});

test.each([
  ['Asia/Jakarta', '2026-03-03T17:00:00.000Z'],
  ['Asia/Jayapura', '2026-03-03T15:00:00.000Z'],
  ['UTC', '2026-03-04T00:00:00.000Z'],
])('in %s 4 March begins at %s', (zone, instant) => {
  expect(startOfDay('2026-03-04', zone).toISOString()).toBe(instant);
});
