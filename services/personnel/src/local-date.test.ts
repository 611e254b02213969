import fc from 'fast-check';
import { addDays, holdsAt, isLocalDate, overlap, requireDate, requireInterval, todayIn } from './local-date.js';

test.each([
  '2026-02-30',
  '2025-02-29',
  '2026-13-01',
  '2026-1-1',
  '01/02/2026',
  '',
  '2026-01-01T00:00:00Z',
  '२०२६-०१-०१',
])('%p is no day', (text) => {
  expect(isLocalDate(text)).toBe(false);
  expect(() => requireDate(text, 'validFrom')).toThrow(
    expect.objectContaining({ code: 'DATE_INVALID', params: { field: 'validFrom' } }),
  );
});

test('a day begins where the agency is', () => {
  const moment = new Date('2026-03-01T16:30:00Z');
  expect(todayIn('Asia/Jakarta', moment)).toBe('2026-03-01');
  expect(todayIn('Asia/Makassar', moment)).toBe('2026-03-02');
});

test('days are added over months and leap years', () => {
  expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
});

test('an interval holds on both its days', () => {
  const year = requireInterval('2026-01-01', '2026-12-31');
  expect(['2025-12-31', '2026-01-01', '2026-12-31', '2027-01-01'].map((day) => holdsAt(year, day))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(() => requireInterval('2026-01-02', '2026-01-01')).toThrow(
    expect.objectContaining({ code: 'INTERVAL_REVERSED' }),
  );
});

test('two intervals overlap when some day lies in both', () => {
  const day = fc.integer({ min: 0, max: 30 });
  const interval = fc.tuple(day, fc.option(day)).map(([from, length]) => ({
    validFrom: addDays('2026-01-01', from),
    validTo: length === null ? null : addDays('2026-01-01', from + length),
  }));
  const days = Array.from({ length: 100 }, (_, i) => addDays('2026-01-01', i));
  fc.assert(
    fc.property(interval, interval, (a, b) => {
      expect(overlap(a, b)).toBe(days.some((date) => holdsAt(a, date) && holdsAt(b, date)));
    }),
  );
});
