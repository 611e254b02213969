import { addDays } from '@merit/chassis/local-date';
import fc from 'fast-check';
import { daysIn, daysOf, holds, monthsOf, nextMonth, OPEN, type Span, union, within, without } from './calendar.js';

const day = fc.integer({ min: 0, max: 800 }).map((n) => addDays('2025-06-01', n));
const span = fc.tuple(day, fc.integer({ min: 0, max: 90 })).map(([from, n]): Span => ({ from, to: addDays(from, n) }));

test('a span counts both its ends, and none when it ends before it begins', () => {
  expect(daysIn({ from: '2026-02-01', to: '2026-02-28' })).toBe(28);
  expect(daysIn({ from: '2026-02-02', to: '2026-02-01' })).toBe(0);
});

test('spans that touch become one; an open one swallows what follows', () => {
  const spans = [
    { from: '2026-02-01', to: '2026-02-10' },
    { from: '2026-01-01', to: '2026-01-31' },
    { from: '2026-03-01', to: OPEN },
    { from: '2026-04-01', to: '2026-04-02' },
  ];
  expect(union(spans)).toEqual([
    { from: '2026-01-01', to: '2026-02-10' },
    { from: '2026-03-01', to: OPEN },
  ]);
});

test('a day lies in a union exactly when it lies in one of the spans, and is counted once', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), day, (spans, date) => {
      expect(holds(union(spans), date)).toBe(holds(spans, date));
      const days = new Set(spans.flatMap((s) => Array.from({ length: daysIn(s) }, (_, n) => addDays(s.from, n))));
      expect(daysOf(spans)).toBe(days.size);
    }),
  );
});

test('what is taken away is gone, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 6 }), fc.array(span, { maxLength: 6 }), day, (spans, taken, date) => {
      expect(holds(without(spans, taken), date)).toBe(holds(spans, date) && !holds(taken, date));
    }),
  );
});

test('bounds cut', () => {
  expect(within([{ from: '2025-12-01', to: OPEN }], { from: '2026-01-01', to: '2026-01-31' })).toEqual([
    { from: '2026-01-01', to: '2026-01-31' },
  ]);
});

test('a span touches months, each cut to it', () => {
  expect(monthsOf({ from: '2026-01-15', to: '2026-03-01' })).toEqual([
    { from: '2026-01-15', to: '2026-01-31', days: 31 },
    { from: '2026-02-01', to: '2026-02-28', days: 28 },
    { from: '2026-03-01', to: '2026-03-01', days: 31 },
  ]);
  expect(nextMonth('2026-12-17')).toBe('2027-01-01');
});
