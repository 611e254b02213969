import { recoveryOf, stalenessOf, wayBack } from './recovery.js';
import { isBad, markdownOf, type Row, textOf } from './table.js';

const at = (acknowledged: number, seenAt: number | null) => ({
  fault: 'kill',
  service: 'competency' as const,
  at: acknowledged,
  seenAt,
});

describe('recovery', () => {
  test('is over when something acknowledged since is in the score, and all from a second before', () => {
    // The fault ends at 1,000; what was acknowledged during it comes at 5,000, together with the first after it.
    expect(wayBack([at(900, 5_000), at(1_200, 5_000), at(4_900, 5_100)], 1_000)).toBe(4_000);
  });

  test('waits for what was acknowledged before and comes last', () => {
    expect(wayBack([at(900, 9_000), at(1_200, 5_000)], 1_000)).toBe(8_000);
  });

  test('never came when nothing acknowledged since is in the score', () => {
    expect(wayBack([at(900, 950)], 1_000)).toBeNull();
    expect(wayBack([at(900, null), at(1_200, 5_000), at(3_000, 5_000)], 1_000)).toBeNull();
  });
});

test('the slowest way counts, and one that nobody has gone since has not recovered', () => {
  const ways = [at(1_200, 1_300), { ...at(1_200, 4_000), service: 'personnel' as const }];
  const feedback = { ...at(1_200, 1_250), service: 'feedback' as const };
  expect(recoveryOf([...ways, feedback], 1_000)).toBe(3_000);
  expect(recoveryOf(ways, 1_000)).toBeNull();
});

test('staleness is the longest that something was missing, and unknown while something is', () => {
  expect(stalenessOf([at(100, 150), at(200, 900)])).toBe(700);
  expect(stalenessOf([at(100, 150), at(200, null)])).toBeNull();
});

const ROW: Row = {
  ...{ fault: 'kill -9 gateway', acknowledged: 120, lost: 0, twice: 0, inversions: 0, gaps: 2, waiting: 0, refused: 0 },
  ...{ recovery: 2.5, goal: 10, staleness: 3, load: 1, notRun: null },
};

test.each<[string, Partial<Row>]>([
  ['something lost', { lost: 1 }],
  ['something twice', { twice: 1 }],
  ['an inversion', { inversions: 1 }],
  ['something set aside', { waiting: 1 }],
  ['an answer that nobody should get', { refused: 1 }],
  ['no answer at all', { acknowledged: 0 }],
  ['no recovery', { recovery: null }],
  ['a recovery later than the goal', { recovery: 10.1 }],
])('%s is bad', (_, more) => {
  expect(isBad({ ...ROW, ...more })).toBe(true);
});

test('a machine with too much else to do is told of, and not judged', () => {
  const row = { ...ROW, recovery: 12.3, load: 7.5 };
  expect(isBad(row)).toBe(false);
  expect(textOf([row])).toContain('kill -9 gateway: well again after 12.3 s: not judged, for 7.5 wanted each core');
  expect(isBad({ ...row, load: 1 })).toBe(true);
  expect(isBad({ ...row, load: 1, goal: null })).toBe(false);
});

test('gaps that were closed are not bad, and what was not run is neither good nor bad', () => {
  expect(isBad(ROW)).toBe(false);
  expect(isBad({ ...ROW, acknowledged: 0, recovery: null, notRun: 'no tmpfs' })).toBe(false);
});

test('a fault that was not run says so, and why, and shows no figures', () => {
  const row = { ...ROW, fault: 'disk full', notRun: 'no tmpfs' };
  expect(textOf([ROW, row])).toMatch(/disk full +not run\n[\s\S]*disk full was not run: no tmpfs/);
  expect(markdownOf([row])).toContain('| disk full | not run |  |  |  |  |  |  |');
});
