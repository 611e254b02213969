import { elapsed, open, type Period, periodOf, reach } from './period.js';

const command = { id: 'p1', agencyId: 'a1', timeZone: 'Asia/Jakarta', year: 2026, kind: 'ANNUAL' } as const;
const kinds = ({ events }: { events: readonly { type: string }[] }) => events.map(({ type }) => type);

describe('opening a period', () => {
  test('in the middle of its year, the months that have begun are reached at once, in order', () => {
    const { state, events } = open(command, '2026-03-14');
    expect(state).toMatchObject({
      span: { from: '2026-01-01', to: '2026-12-31' },
      checkpoint: '2026-03-01',
      closedOn: null,
    });
    expect(events.map((event) => event.type === 'CheckpointReached' && event.checkpoint)).toEqual([
      '2026-01-01',
      '2026-02-01',
      '2026-03-01',
    ]);
  });

  test('ahead of its year, nothing has begun', () => {
    expect(open(command, '2025-12-31')).toMatchObject({ state: { checkpoint: null }, events: [] });
  });

  test('of a past year, it is over', () => {
    const opened = open(command, '2027-02-01');
    expect(opened.state).toMatchObject({ checkpoint: '2026-12-01', closedOn: '2026-12-31' });
    expect(kinds(opened)).toEqual([...Array(12).fill('CheckpointReached'), 'PeriodClosed']);
  });

  test.each([1999, 2028, 2026.5, Number.NaN])('the year %p is refused', (year) => {
    expect(() => open({ ...command, year }, '2026-05-01')).toThrow(
      expect.objectContaining({ code: 'YEAR_OUT_OF_RANGE', params: { field: 'year', min: 2000, max: 2027 } }),
    );
  });
});

describe('reaching a checkpoint', () => {
  const { state: december } = open(command, '2026-12-31');
  test('once a month', () => {
    const { state } = open(command, '2026-03-31');
    expect(kinds(reach(state, '2026-03-31'))).toEqual([]);
    expect(reach(state, '2026-04-01').state.checkpoint).toBe('2026-04-01');
  });

  test('the day after the last day closes it, once', () => {
    expect(kinds(reach(december, '2026-12-31'))).toEqual([]);
    const closed = reach(december, '2027-01-01');
    expect(kinds(closed)).toEqual(['PeriodClosed']);
    expect(kinds(reach(closed.state, '2028-01-01'))).toEqual([]);
  });
});

test.each([
  ['2025-12-01', 0],
  ['2026-01-01', 1 / 365],
  ['2026-10-01', 274 / 365],
  ['2026-12-31', 1],
  ['2027-06-01', 1],
])('by %p, %p of the year has passed', (today, share) => {
  expect(elapsed({ span: { from: '2026-01-01', to: '2026-12-31' } }, today)).toBe(share);
});

describe('whose period a year is', () => {
  const at = (agencyId: string, today: string): Period => open({ ...command, agencyId }, today).state;
  const employments = [
    { agencyId: 'a2', from: '2026-07-15' },
    { agencyId: 'a1', from: '2020-01-01' },
  ];
  test.each([
    ['before a transfer, the origin', employments, [at('a1', '2026-07-31'), at('a2', '2026-07-31')], 'a1'],
    ['after it, the destination', employments, [at('a1', '2026-08-01'), at('a2', '2026-08-01')], 'a2'],
    ['of a destination without one, the origin still', employments, [at('a1', '2026-08-01')], 'a1'],
    ['of an origin without one, the destination', employments, [at('a2', '2026-02-01')], 'a2'],
    ['before any month has begun, the first', employments, [at('a1', '2025-12-01'), at('a2', '2025-12-01')], 'a1'],
    ['of nobody, none', employments, [at('a3', '2026-08-01')], undefined],
    ['in no employment, none', [], [at('a1', '2026-08-01')], undefined],
  ])('%s', (_, known, periods, agencyId) => {
    expect(periodOf(known, periods)?.agencyId).toBe(agencyId);
  });
});
