import { Decimal } from 'decimal.js';
import { rules } from '../../test/rules.js';
import { entitlementOf, monthsOfService, standing } from './entitlement.js';
import type { EmploymentKind } from './rules.js';

test.each<[EmploymentKind, number, number]>([
  ['PNS', 2026, 20],
  ['CPNS', 2026, 20],
  ['PPPK', 2026, 24],
  ['PPPK_PARUH_WAKTU', 2026, 24],
  ['PNS', 2018, 20],
  ['PNS', 2017, 0],
  ['PPPK', 2018, 0],
])('a %s is entitled in %i to %i hours', (kind, year, hours) => {
  expect(entitlementOf(rules.entitlements, kind, year).toNumber()).toBe(hours);
});

test('a later rule replaces an earlier one from the next year on', () => {
  const later = { kind: 'PNS', hours: new Decimal(40), validFrom: '2027-05-01', source: '', verified: false } as const;
  const both = [later, ...rules.entitlements];
  expect([2027, 2028].map((year) => entitlementOf(both, 'PNS', year).toNumber())).toEqual([20, 40]);
});

test.each<[string, string | null, number]>([
  ['2015-01-01', null, 12],
  ['2026-01-31', null, 12],
  ['2026-03-15', null, 10],
  ['2026-12-31', null, 1],
  ['2027-01-01', null, 0],
  ['2015-01-01', '2026-06-10', 6],
  ['2015-01-01', '2025-12-31', 0],
  ['2026-04-01', '2026-04-30', 1],
])('service from %s to %s has months in 2026: %i', (from, to, months) => {
  expect(monthsOfService(from, to, 2026)).toBe(months);
});

test.each([
  [20, 12, 16, 20, 4],
  [20, 10, 0, 16.67, 16.67],
  [24, 7, 14, 14, 0],
  [20, 12, 31.5, 20, 0],
])('of %i a year, in %i months and %d counted: due %d, missing %d', (full, months, counted, entitlement, shortfall) => {
  const answer = standing(new Decimal(full), months, new Decimal(counted));
  expect([answer.entitlement.toNumber(), answer.shortfall.toNumber()]).toEqual([entitlement, shortfall]);
});
