import fc from 'fast-check';
import { SATISFACTION_FIGURES } from './satisfaction.figures.js';
import {
  averageOf,
  ELEMENTS,
  elementIndexOf,
  gradeOf,
  indexOf,
  NOBODY,
  perElement,
  pool,
  type Tally,
  withheld,
} from './satisfaction.js';

const figures = SATISFACTION_FIGURES[0]!;
const tally = (respondents: number, sum: number): Tally => ({ respondents, sums: perElement(() => sum) });

describe('the index', () => {
  test('nine best answers give 100.00, which the printed weight of 0.111 would miss', () => {
    expect(indexOf(tally(1, 4), figures)).toBe(10_000);
    expect(indexOf(tally(137, 4 * 137), figures)).toBe(10_000);
  });

  test('nine worst answers give 25.00', () => {
    expect(indexOf(tally(1, 1), figures)).toBe(2_500);
  });

  test('nobody gives none', () => {
    expect(indexOf(NOBODY, figures)).toBeNull();
    expect(averageOf(NOBODY, 'WAKTU')).toBeNull();
  });

  test('is rounded half-up at the end: 25 × 26 ÷ 9 = 72.2222…, 25 × 29 ÷ 9 = 80.5555…', () => {
    const total = (sum: number): Tally => ({ respondents: 1, sums: perElement((e) => (e === 'WAKTU' ? sum : 0)) });
    expect(indexOf(total(26), figures)).toBe(7222);
    expect(indexOf(total(29), figures)).toBe(8056);
  });

  test('an exact half goes up: 25 × 1,101 ÷ 360 = 76.458333…, 25 × 1,107 ÷ 360 = 76.875 exactly', () => {
    const forty = (sum: number): Tally => ({ respondents: 40, sums: perElement((e) => (e === 'WAKTU' ? sum : 0)) });
    expect(indexOf(forty(1101), figures)).toBe(7646);
    expect(indexOf(forty(1107), figures)).toBe(7688);
  });

  test('three windows of 36 people pooled: (42 + 18 + 48) ÷ 36 = 3.00 gives 75.00, grade C', () => {
    const pooled = pool([tally(12, 42), tally(9, 18), tally(15, 48)]);
    expect(pooled.respondents).toBe(36);
    expect(indexOf(pooled, figures)).toBe(7500);
    expect(gradeOf(7500, figures)).toBe('C');
  });

  const answers = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 9, maxLength: 9 }), {
    minLength: 1,
    maxLength: 60,
  });
  const tallied = (rows: readonly (readonly number[])[]) =>
    pool(rows.map((row) => ({ respondents: 1, sums: perElement((element) => row[ELEMENTS.indexOf(element)]!) })));

  test('lies between 25 and 100 and always has a grade', () => {
    fc.assert(
      fc.property(answers, (rows) => {
        const index = indexOf(tallied(rows), figures)!;
        expect(index).toBeGreaterThanOrEqual(2500);
        expect(index).toBeLessThanOrEqual(10_000);
        expect(['A', 'B', 'C', 'D']).toContain(gradeOf(index, figures));
      }),
    );
  });

  test('does not depend on the order of the answers, nor on how they are grouped', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (rows, at) => {
        const cut = at % rows.length;
        const parts = pool([tallied(rows.slice(cut)), tallied(rows.slice(0, cut))]);
        expect(parts).toEqual(tallied(rows));
      }),
    );
  });

  test('never falls when an answer gets better', () => {
    fc.assert(
      fc.property(answers, (rows) => {
        const better = rows.map((row, i) => (i === 0 ? row.map((answer) => Math.min(4, answer + 1)) : row));
        expect(indexOf(tallied(better), figures)!).toBeGreaterThanOrEqual(indexOf(tallied(rows), figures)!);
      }),
    );
  });
});

test.each([
  [2500, 'D'],
  [6499, 'D'],
  [6500, 'C'],
  [7660, 'C'],
  [7661, 'B'],
  [8830, 'B'],
  [8831, 'A'],
  [10_000, 'A'],
])('%i hundredths are grade %s', (index, grade) => {
  expect(gradeOf(index, figures)).toBe(grade);
});

test('an element has its average and index: 10 people, 33 points', () => {
  expect(averageOf(tally(10, 33), 'BIAYA')).toBe(330);
  expect(elementIndexOf(tally(10, 33), 'BIAYA', figures)).toBe(8250);
});

describe('what is withheld below five', () => {
  const service = (id: string, respondents: number) => ({ id, respondents });
  const hidden = (...sizes: number[]) =>
    [
      ...withheld(
        sizes.map((size, i) => service(`s${i}`, size)),
        5,
      ),
    ].sort();

  test('nothing where all have enough, or nobody answered', () => {
    expect(hidden(5, 100)).toEqual([]);
    expect(hidden(0, 100)).toEqual([]);
  });
  test('one too small takes the next with it, or the unit minus the others would show it', () => {
    expect(hidden(3, 40, 100)).toEqual(['s0', 's1']);
  });
  test('two that are too small hide each other', () => {
    expect(hidden(3, 2, 100)).toEqual(['s0', 's1']);
  });
  test('what is hidden is always nobody or enough, unless everything is hidden', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 12 }), { maxLength: 8 }), (sizes) => {
        const names = new Set(hidden(...sizes));
        const of = (shown: boolean) => sizes.filter((size, i) => size > 0 && names.has(`s${i}`) !== shown);
        const people = of(false).reduce((a, b) => a + b, 0);
        expect(of(true).every((size) => size >= 5)).toBe(true);
        expect(people === 0 || people >= 5 || of(true).length === 0).toBe(true);
      }),
    );
  });
});
