import { DomainError } from './errors.js';
import { judgeRow, judgeRows, requireRows } from './import.js';

const odd = (n: number): number | null => {
  if (n < 0) throw new DomainError('NEGATIVE', 'Give a number from 0.', { field: 'n' });
  return n % 2 === 1 ? n * 10 : null;
};

test('rows are new, there already or wrong, and each wrong one is told with its place', () => {
  expect(judgeRows([1, 2, -3, 4, 5], odd)).toEqual({
    fresh: [10, 50],
    unchanged: 2,
    problems: [{ row: 2, field: 'n', code: 'NEGATIVE', message: 'Give a number from 0.' }],
  });
});

test('a row is judged with its place', () => {
  expect(judgeRows(['a', 'b'], (_, index) => index).fresh).toEqual([0, 1]);
});

test('trouble with no field is told without one', () => {
  const problems: Parameters<typeof judgeRow>[0] = [];
  const judge = () => {
    throw new DomainError('BUSY', 'Try again.');
  };
  expect(judgeRow(problems, 7, judge)).toBeNull();
  expect(problems).toEqual([{ row: 7, field: null, code: 'BUSY', message: 'Try again.' }]);
});

test('a fault of ours is no trouble of the row', () => {
  const broken = () => {
    throw new TypeError('undefined is not a function');
  };
  expect(() => judgeRows([1], broken)).toThrow(TypeError);
});

test('a thousand rows are enough for a call', () => {
  const rows = Array.from({ length: 1_000 }, (_, i) => i);
  expect(requireRows(rows)).toBe(rows);
  expect(() => requireRows([...rows, 1_000])).toThrow(
    expect.objectContaining({ code: 'TOO_MANY_ROWS', params: { field: 'rows', max: 1_000 } }),
  );
});
