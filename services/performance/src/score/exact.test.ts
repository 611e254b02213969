import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { Exact, halfUp, sum } from './exact.js';

/** Another's decimals, of many more digits. */
const Other = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -90, toExpPos: 90 });

type Step = readonly ['plus' | 'minus' | 'times' | 'div', string];

const decimal = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 14n }), fc.nat(6))
  .map(([digits, places]) => new Other(digits.toString()).div(new Other(10).pow(places)).toFixed());
const small = fc.tuple(fc.nat(400), fc.nat(2)).map(([digits, places]) => String(digits / 10 ** places));
const steps = fc.array(
  fc.tuple(
    fc.constantFrom('plus' as const, 'minus' as const, 'times' as const, 'div' as const),
    fc.oneof(small, decimal),
  ),
  { maxLength: 8 },
);
const asked = (list: readonly Step[]) => list.filter(([step, figure]) => step !== 'div' || Number(figure) !== 0);

const growthBy = (step: Step[0], figure: number) => (step === 'times' ? figure : step === 'div' ? 1 / figure : 1);

test.each([
  ['small figures', small],
  ['figures of any size', decimal],
])('%s come to what decimals of many digits come to, as far as a score shows', (_, first) => {
  fc.assert(
    fc.property(first, steps, (start, list) => {
      const run = asked(list);
      const ours = run.reduce((value, [step, figure]) => value[step](figure), Exact.of(start));
      const theirs = run.reduce((value, [step, figure]) => value[step](figure), new Other(start));
      // What a division cuts off must not be made large again: no policy multiplies by more than some thousands.
      const growth = run.reduce((by, [step, figure]) => by * Math.max(1, growthBy(step, Number(figure))), 1);
      fc.pre(growth < 1e15);
      expect(halfUp(ours, 2).toString()).toBe(theirs.toDecimalPlaces(30).toDecimalPlaces(2).toFixed());
      expect(ours.toFixed(4)).toBe(
        theirs
          .toDecimalPlaces(30)
          .toFixed(4)
          .replace(/^-(0.0000)$/, '$1'),
      );
    }),
    { numRuns: 1_000 },
  );
});

test('figures that are the same in truth are the same in any order, be they fractions or decimals', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(decimal, decimal), { minLength: 1, maxLength: 6 }), fc.nat(5), (list, n) => {
      const parts = list.filter(([, b]) => Number(b) !== 0).map(([a, b]) => Exact.of(a).div(b));
      const turned = [...parts.slice(n), ...parts.slice(0, n)];
      expect(String(halfUp(sum(turned), 4))).toBe(String(halfUp(sum(parts), 4)));
    }),
  );
});

test.each(['0', '7', '0.5', '12.25', '99999999999999.9999', '123456789012345678.000001'])(
  '%s is written as it was read',
  (text) => {
    expect(String(Exact.of(text))).toBe(text);
  },
);

test('a figure is read from a number of any form, and nothing else is one', () => {
  expect([12, 0.8, 3.841, 1e-7, 2e21, -1.5].map((value) => String(Exact.of(value)))).toEqual([
    '12',
    '0.8',
    '3.841',
    '0.0000001',
    '2000000000000000000000',
    '-1.5',
  ]);
  for (const none of ['', 'x', '1,5', '.5', Number.NaN]) expect(() => Exact.of(none)).toThrow(`${none} is no decimal.`);
});

test('a third taken three times is one, also where it is no fraction any more', () => {
  const third = Exact.of(1).div(3);
  expect(sum([third, third, third]).cmp(1)).toBe(0);
  const large = Exact.of('99999999999999.9999').div('77777777777777.7777').div(3);
  expect(halfUp(sum([large, large, large]).times('77777777777777.7777'), 4).toString()).toBe('99999999999999.9999');
});

test('rounds half away from zero, and cuts towards it', () => {
  expect(['0.005', '0.0049', '-0.005', '2.675'].map((text) => Exact.of(text).toFixed(2))).toEqual([
    '0.01',
    '0.00',
    '-0.01',
    '2.68',
  ]);
  expect(['0.009', '-0.019', '5'].map((text) => String(Exact.of(text).cut(2)))).toEqual(['0', '-0.01', '5']);
});

test('nothing is divided by zero', () => {
  expect(() => Exact.of(1).div(0)).toThrow(RangeError);
});
