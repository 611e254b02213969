import { satisfaction, service, step } from '../../test/mothers.js';
import type { ComplaintFact } from './facts.js';

const due = (date: string) => new Date(`${date}T09:00:00Z`);
const forwarded = step('k1', 2, 'FORWARDED', '2026-02-02', { dueAt: due('2026-02-09') });
const outcomes = (...complaints: ComplaintFact[]) =>
  service({ complaints }).outcomes.map(({ eventId, type, on, inTime }) => ({ eventId, type, on, inTime }));

describe('R9: what becomes of a complaint', () => {
  const resolved = (inTime: boolean, on: string, n = 3) =>
    step('k1', n, 'RESOLVED', on, { inTime, dueAt: due('2026-02-09') });
  const passed = step('k1', 3, 'DEADLINE_PASSED', '2026-02-10', { dueAt: due('2026-02-09') });
  const reopened = step('k1', 4, 'REOPENED', '2026-02-20', { dueAt: due('2026-02-23') });

  test.each([
    ['open and within its limit, it is not due', [forwarded], []],
    [
      'finished in time',
      [forwarded, resolved(true, '2026-02-05')],
      [{ eventId: 'k1-3', type: 'ComplaintResolved', on: '2026-02-05', inTime: true }],
    ],
    [
      'finished too late, it was late on the day of its limit',
      [forwarded, resolved(false, '2026-02-12')],
      [{ eventId: 'k1-3', type: 'ComplaintResolved', on: '2026-02-09', inTime: false }],
    ],
    [
      'open past its limit',
      [forwarded, passed],
      [{ eventId: 'k1-3', type: 'ComplaintDeadlinePassed', on: '2026-02-09', inTime: false }],
    ],
    [
      'finished after its limit passed',
      [forwarded, passed, resolved(false, '2026-02-12', 4)],
      [{ eventId: 'k1-3', type: 'ComplaintDeadlinePassed', on: '2026-02-09', inTime: false }],
    ],
    ['reopened, it is not finished', [forwarded, resolved(true, '2026-02-05'), reopened], []],
    [
      'finished again',
      [forwarded, resolved(true, '2026-02-05'), reopened, resolved(true, '2026-02-21', 5)],
      [{ eventId: 'k1-5', type: 'ComplaintResolved', on: '2026-02-21', inTime: true }],
    ],
    [
      'reopened after it was late, it stays late',
      [forwarded, passed, reopened],
      [{ eventId: 'k1-3', type: 'ComplaintDeadlinePassed', on: '2026-02-09', inTime: false }],
    ],
    ['turned away', [forwarded, passed, step('k1', 4, 'REJECTED', '2026-02-11')], []],
  ])('%s', (_, steps, expected) => {
    expect(outcomes(...steps)).toEqual(expected);
    expect(outcomes(...[...steps].reverse(), ...steps)).toEqual(expected);
  });

  test("days are the agency's: half past midnight in Jakarta is still yesterday in Greenwich", () => {
    const late = step('k1', 3, 'RESOLVED', '2026-02-05', { inTime: true, at: new Date('2026-02-05T17:30:00Z') });
    expect(outcomes(forwarded, late)).toEqual([
      { eventId: 'k1-3', type: 'ComplaintResolved', on: '2026-02-06', inTime: true },
    ]);
  });
});

describe('R7: the latest satisfaction', () => {
  const january = satisfaction('2026-01-31', 10, 30);
  const february = satisfaction('2026-02-28', 20, 60, { supersedes: january.measurementId });
  const again = satisfaction('2026-02-28', 22, 66, { supersedes: february.measurementId });

  const same = satisfaction('2026-02-28', 23, 69, {
    supersedes: february.measurementId,
    eventId: '00000000-0000-0000-0000-000000000000',
  });

  test.each([
    [[january], january],
    [[same, february], same], // measured again within the same moment: what names the other takes its place
    [[february, january], february],
    [[again, january, february], again],
    [[january, again], again],
    [[], null],
  ])('of %#', (known, latest) => {
    expect(service({ satisfaction: known }).measured).toEqual(latest);
    expect(service({ satisfaction: [...known].reverse() }).measured).toEqual(latest);
  });

  test('its unit is that of the window; before the first, that of the catalogue', () => {
    expect(service({ unitId: 'old', satisfaction: [satisfaction('2026-01-31', 1, 4, { unitId: 'new' })] }).unitId).toBe(
      'new',
    );
    expect(service({ unitId: 'old' }).unitId).toBe('old');
  });
});
