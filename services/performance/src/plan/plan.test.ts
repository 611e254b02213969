import { sameContent } from './content.js';
import {
  type Agreed,
  type Aspect,
  agree,
  type Draft,
  type DraftPlan,
  draft,
  type Indicator,
  type WorkResult,
} from './plan.js';
import { requireQuantity } from './quantity.js';
import { type IndicatorChange, type Reviser, revise } from './revision.js';

const indicator = (over: Partial<Indicator> = {}): Indicator => ({
  id: 'i1',
  name: 'Dokumen yang selesai',
  aspect: 'QUANTITY',
  target: '120',
  unit: 'dokumen',
  evidenceSource: 'SIAK',
  dueDates: [],
  ...over,
});
const result = (over: Partial<WorkResult> = {}): WorkResult => ({
  id: 'r1',
  title: 'Dokumen kependudukan terbit tepat waktu',
  kind: 'UTAMA',
  indicators: [indicator()],
  ...over,
});
const command = (over: Partial<DraftPlan> = {}): DraftPlan => ({
  id: 'plan',
  employeeId: 'ani',
  period: { id: 'p1', agencyId: 'a1', year: 2026, span: { from: '2026-01-01', to: '2026-12-31' } },
  startsOn: null,
  endsOn: null,
  workResults: [result()],
  ...over,
});
const at = new Date('2026-01-20T02:00:00Z');
const written: Draft = draft(null, command());
const agreed: Agreed = agree(written, 'budi', at).state;

describe('drafting a plan', () => {
  test('begins one for the whole period', () => {
    expect(written).toMatchObject({
      status: 'DRAFT',
      id: 'plan',
      version: 1,
      span: { from: '2026-01-01', to: '2026-12-31' },
    });
  });

  test('again writes the same one anew', () => {
    const next = draft(written, command({ id: 'another', startsOn: '2026-03-01', workResults: [] }));
    expect(next).toMatchObject({
      id: 'plan',
      version: 2,
      span: { from: '2026-03-01', to: '2026-12-31' },
      workResults: [],
    });
  });

  test('an agreed plan is drafted no more', () => {
    expect(() => draft(agreed, command())).toThrow(expect.objectContaining({ code: 'PLAN_ALREADY_AGREED' }));
  });

  test.each([
    ['2025-12-31', null, 'startsOn'],
    [null, '2027-01-01', 'endsOn'],
    ['2026-07-01', '2026-06-30', 'startsOn'],
  ])('from %p to %p lies outside', (startsOn, endsOn, field) => {
    expect(() => draft(null, command({ startsOn, endsOn }))).toThrow(
      expect.objectContaining({ code: 'PLAN_DATES_INVALID', params: expect.objectContaining({ field }) }),
    );
  });

  test.each([[['2027-01-01']], [['2026-02-01', '2026-02-01']]])('due dates %p are refused', (dueDates) => {
    const workResults = [result(), result({ indicators: [indicator({ dueDates })] })];
    expect(() => draft(null, command({ workResults }))).toThrow(
      expect.objectContaining({
        code: 'PLAN_DATES_INVALID',
        params: expect.objectContaining({ field: 'workResults[1].indicators[0].dueDates' }),
      }),
    );
  });

  test('there is an end to what a plan holds', () => {
    const many = Array.from({ length: 51 }, () => result());
    const deep = [result({ indicators: Array.from({ length: 21 }, () => indicator()) })];
    for (const workResults of [many, deep]) {
      expect(() => draft(null, command({ workResults }))).toThrow(expect.objectContaining({ code: 'PLAN_TOO_LARGE' }));
    }
  });
});

describe('agreeing on a plan', () => {
  test('by the supervisor makes it count, and says so', () => {
    expect(agreed).toEqual({ ...written, status: 'AGREED', agreedBy: 'budi', agreedAt: at, version: 2 });
    expect(agree(written, 'budi', at).events).toEqual([{ type: 'PlanAgreed', plan: agreed }]);
  });

  test('happens once, and never by oneself', () => {
    expect(() => agree(agreed, 'budi', at)).toThrow(expect.objectContaining({ code: 'PLAN_ALREADY_AGREED' }));
    expect(() => agree(written, 'ani', at)).toThrow(expect.objectContaining({ code: 'OWN_RECORD' }));
  });

  test.each<[string, WorkResult[], string]>([
    ['no work result', [], 'workResults'],
    ['no main one', [result({ kind: 'TAMBAHAN' })], 'workResults'],
    ['a work result without an indicator', [result(), result({ indicators: [] })], 'workResults[1].indicators'],
    ['no aspect', [result({ indicators: [indicator({ aspect: null })] })], 'workResults[0].indicators[0].aspect'],
    ['no target', [result({ indicators: [indicator({ target: null })] })], 'workResults[0].indicators[0].target'],
    [
      'a target of no documents',
      [result({ indicators: [indicator({ target: '0' })] })],
      'workResults[0].indicators[0].target',
    ],
    [
      'no unit',
      [result({ indicators: [indicator(), indicator({ unit: null })] })],
      'workResults[0].indicators[1].unit',
    ],
    [
      'no evidence source',
      [result({ indicators: [indicator({ evidenceSource: null })] })],
      'workResults[0].indicators[0].evidenceSource',
    ],
  ])('with %s it is incomplete', (_, workResults, field) => {
    expect(() => agree({ ...written, workResults }, 'budi', at)).toThrow(
      expect.objectContaining({ code: 'PLAN_INCOMPLETE', params: { field, missing: expect.arrayContaining([field]) } }),
    );
  });

  test('no mistakes at all may be aimed at', () => {
    const none = [result({ indicators: [indicator({ aspect: 'TIME', target: '0', unit: 'hari terlambat' })] })];
    expect(agree({ ...written, workResults: none }, 'budi', at).state.status).toBe('AGREED');
  });
});

describe('revising an indicator', () => {
  const reviser: Reviser = {
    by: 'budi',
    isSuperior: false,
    elapsed: 0.5,
    easingNeedsSuperiorAfter: 0.75,
    today: '2026-11-16',
    at,
  };
  const change = (what: IndicatorChange, who: Partial<Reviser> = {}) =>
    revise(agreed, 'i1', what, { ...reviser, ...who });

  test('keeps the old and the new', () => {
    const { state, before, after, events } = change({ target: '100' });
    expect(before.target).toBe('120');
    expect(after).toEqual({ ...before, target: '100' });
    expect(state).toMatchObject({ version: 3, workResults: [{ indicators: [{ target: '100' }] }] });
    expect(events).toEqual([{ type: 'PlanRevised', plan: state, revisedAt: at }]);
  });

  test.each([
    ['before three quarters, the supervisor eases', { target: '100' }, { elapsed: 0.75 }, true],
    ['after it, no more', { target: '100' }, { elapsed: 0.7501 }, false],
    ["after it, the supervisor's superior does", { target: '100' }, { elapsed: 0.9, isSuperior: true }, true],
    ['raising is always possible', { target: '140' }, { elapsed: 0.9 }, true],
    ['and so is what does not touch the target', { name: 'Dokumen yang terbit' }, { elapsed: 0.9 }, true],
  ])('R5: %s', (_, what, who, allowed) => {
    const attempt = () => change(what, who);
    if (allowed) expect(attempt().state.version).toBe(3);
    else expect(attempt).toThrow(expect.objectContaining({ code: 'EASING_NEEDS_SUPERIOR' }));
  });

  test('R5: where less is better, more is easier', () => {
    const [main] = agreed.workResults;
    const timed = { ...agreed, workResults: [{ ...main!, indicators: [indicator({ aspect: 'TIME', target: '5' })] }] };
    const late = { ...reviser, elapsed: 0.9 };
    expect(() => revise(timed, 'i1', { target: '6' }, late)).toThrow(
      expect.objectContaining({ code: 'EASING_NEEDS_SUPERIOR' }),
    );
    expect(revise(timed, 'i1', { target: '4' }, late).after.target).toBe('4');
  });

  describe('R5: due dates ease as a target does', () => {
    const half = ['2026-06-30', '2026-12-20'];
    const dated = (aspect: Aspect, dueDates: readonly string[], what: IndicatorChange, who: Partial<Reviser> = {}) => {
      const [main] = agreed.workResults;
      const plan = { ...agreed, workResults: [{ ...main!, indicators: [indicator({ aspect, dueDates })] }] };
      return () => revise(plan, 'i1', what, { ...reviser, elapsed: 0.88, ...who });
    };
    test.each<[string, Aspect, readonly string[], IndicatorChange]>([
      ['a date that is past moved to one that is not', 'QUANTITY', half, { dueDates: ['2026-12-10', '2026-12-20'] }],
      ['a coming date moved later', 'QUANTITY', ['2026-11-20'], { dueDates: ['2026-12-20'] }],
      ['all dates taken away, where the months make less due', 'QUANTITY', ['2026-06-30'], { dueDates: [] }],
      ['dates given, where the months make more due', 'QUANTITY', [], { dueDates: half }],
      ['a date added', 'QUANTITY', half, { dueDates: [...half, '2026-12-01'] }],
      ['dates moved so far that a higher target does not make up', 'QUANTITY', [], { target: '130', dueDates: half }],
      ['a level that is due made due later', 'QUALITY', [], { dueDates: ['2026-12-20'] }],
      ['a time due later, though it is stricter', 'TIME', [], { target: '100', dueDates: ['2026-12-20'] }],
    ])('%s', (_, aspect, dueDates, what) => {
      expect(dated(aspect, dueDates, what)).toThrow(
        expect.objectContaining({ code: 'EASING_NEEDS_SUPERIOR', params: { field: 'dueDates', after: 0.75 } }),
      );
      expect(dated(aspect, dueDates, what, { isSuperior: true })().state.version).toBe(3);
      expect(dated(aspect, dueDates, what, { elapsed: 0.75 })().state.version).toBe(3);
    });

    test.each<[string, Aspect, readonly string[], IndicatorChange]>([
      ['dates moved earlier', 'QUANTITY', half, { dueDates: ['2026-06-30', '2026-11-20'] }],
      ['a date that is past moved within the past', 'QUANTITY', half, { dueDates: ['2026-09-30', '2026-12-20'] }],
      ['one date more that is past', 'QUANTITY', half, { dueDates: [...half, '2026-05-30'] }],
      ['a further date of a level that is due', 'QUALITY', ['2026-06-30'], { dueDates: half }],
    ])('but not %s', (_, aspect, dueDates, what) => {
      expect(dated(aspect, dueDates, what)().state.version).toBe(3);
    });
  });

  test.each([
    ['a draft', () => revise(written, 'i1', { target: '1' }, reviser), 'PLAN_NOT_AGREED'],
    ["one's own plan", () => change({ target: '1' }, { by: 'ani' }), 'OWN_RECORD'],
    ['an unknown indicator', () => revise(agreed, 'i9', { target: '1' }, reviser), 'INDICATOR_NOT_FOUND'],
    ['nothing', () => change({ target: '120' }), 'NOTHING_CHANGED'],
    ['the unit away', () => change({ unit: null }), 'PLAN_INCOMPLETE'],
    ['the target to nothing', () => change({ target: '0' }), 'PLAN_INCOMPLETE'],
    ['dates to another year', () => change({ dueDates: ['2027-03-01'] }), 'PLAN_DATES_INVALID'],
  ])('refuses to change %s', (_, attempt, code) => {
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});

test('plans are the same by what they say, not by their ids', () => {
  const same = draft(
    null,
    command({ id: 'other', workResults: [result({ id: 'x', indicators: [indicator({ id: 'y' })] })] }),
  );
  expect(sameContent(agreed, same)).toBe(true);
  for (const other of [
    command({ workResults: [result({ title: 'x' })] }),
    command({ workResults: [result({ indicators: [indicator({ target: '121' })] })] }),
    command({ workResults: [result(), result()] }),
    command({ endsOn: '2026-12-30' }),
  ]) {
    expect(sameContent(agreed, draft(null, other))).toBe(false);
  }
});

describe('quantities', () => {
  test.each([
    [0, '0'],
    [0.1, '0.1'],
    [1250.75, '1250.75'],
    [99_999_999_999_999, '99999999999999'],
  ])('%p is exact', (value, text) => {
    expect(requireQuantity(value, 'target')).toBe(text);
  });
  test.each([-1, 1e14, 1e21, 0.00001, Number.NaN, Number.POSITIVE_INFINITY, 123456789012.1234])(
    '%p is refused',
    (value) => {
      expect(() => requireQuantity(value, 'target')).toThrow(
        expect.objectContaining({ code: 'QUANTITY_INVALID', params: { field: 'target' } }),
      );
    },
  );
});
