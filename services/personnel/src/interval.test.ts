import { addDays } from '@merit/chassis/local-date';
import fc from 'fast-check';
import { holdsAt, overlap, requireInterval } from './interval.js';

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
