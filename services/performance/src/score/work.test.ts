import { AGENCY, facts, indicator, month, nationalRules, plan, realisation, workResult } from '../../test/mothers.js';
import type { IndicatorFact, PlanFact, RealisationFact } from './facts.js';
import { workResults } from './work.js';

const june = month(6);
const attain = (
  plans: readonly PlanFact[],
  realisations: readonly RealisationFact[],
  checkpoint = june,
  over: Parameters<typeof facts>[0] = {},
) => workResults(facts({ plans, realisations, ...over }), nationalRules.workResults, checkpoint);
const one = (over: Partial<IndicatorFact>, quantities: readonly number[], checkpoint = june) =>
  attain(
    [plan([workResult('UTAMA', indicator(over))])],
    quantities.map((quantity) => realisation('i1', quantity)),
    checkpoint,
  ).attainment?.toFixed(2) ?? null;

describe('R2: what is due', () => {
  test.each([
    [1, 10, '100.00'],
    [1, 5, '50.00'],
    [6, 60, '100.00'],
    [6, 45, '75.00'],
    [12, 90, '75.00'],
  ])('a quantity falls due by months: in month %p of a target of 120, %p give %s', (n, quantity, attainment) => {
    expect(one({ target: '120' }, [quantity], month(n))).toBe(attainment);
  });

  test('quantities add up, levels are means', () => {
    expect(one({ target: '120' }, [20, 10, 15])).toBe('75.00');
    expect(one({ aspect: 'QUALITY', target: '100' }, [60, 90])).toBe('75.00');
  });

  test.each(['QUANTITY', 'QUALITY', 'TIME', 'COST'] as const)('%s due without a realisation gives 0', (aspect) => {
    expect(one({ aspect }, [])).toBe('0.00');
  });

  test('a plan of half a year falls due over its own months', () => {
    const half = plan([workResult('UTAMA', indicator({ target: '60' }))], {
      span: { from: '2026-07-01', to: '2026-12-31' },
    });
    expect(attain([half], [realisation('i1', 10)], month(6)).attainment).toBeNull();
    expect(attain([half], [realisation('i1', 10)], month(7)).attainment?.toFixed(2)).toBe('100.00');
    expect(attain([half], [realisation('i1', 10)], month(8)).attainment?.toFixed(2)).toBe('50.00');
  });

  test('a plan that begins within a month is due in whole at its end', () => {
    const late = plan([workResult('UTAMA', indicator({ target: '60' }))], {
      span: { from: '2026-07-15', to: '2026-12-31' },
    });
    expect(attain([late], [realisation('i1', 30)], month(12)).attainment?.toFixed(2)).toBe('50.00');
  });

  test('dates set the time: nothing is due on the day itself, all of it once the period is closed', () => {
    const dueDates = ['2026-03-31', '2026-06-30', '2026-09-30', '2026-12-31'];
    expect(one({ target: '4', dueDates }, [], month(3))).toBeNull();
    expect(one({ target: '4', dueDates }, [1], month(4))).toBe('100.00');
    expect(one({ target: '4', dueDates }, [1], month(7))).toBe('50.00');
    expect(one({ target: '4', dueDates }, [3], month(12))).toBe('100.00');
    expect(one({ target: '4', dueDates }, [3], month(12, { closed: true }))).toBe('75.00');
    expect(one({ aspect: 'QUALITY', target: '100', dueDates: ['2026-05-31'] }, [80], month(5))).toBeNull();
    expect(one({ aspect: 'QUALITY', target: '100', dueDates: ['2026-05-31'] }, [80], june)).toBe('80.00');
    expect(one({ target: '4', dueDates: ['2026-06-01'] }, [], june)).toBeNull();
  });

  test('a realisation of what is not due is shown, and counts for nothing', () => {
    const early = plan([workResult('UTAMA', indicator({ target: '4', dueDates: ['2026-12-01'] }))]);
    expect(attain([early], [realisation('i1', 4)])).toMatchObject({
      attainment: null,
      note: 'left out: no main result is due yet',
      sources: [{ quantity: '4', counted: '0', reason: 'NOT_DUE' }],
    });
  });
});

describe('R3: what an indicator gives', () => {
  test.each([
    ['TIME', '5', 6, '80.00'],
    ['TIME', '5', 5, '100.00'],
    ['TIME', '5', 2, '100.00'],
    ['COST', '100', 150, '50.00'],
    ['COST', '100', 200, '0.00'],
    ['COST', '100', 1000, '0.00'],
    ['TIME', '0', 0, '100.00'],
    ['TIME', '0', 1, '0.00'],
  ] as const)('less is better: %s of %s, realised %p, gives %s', (aspect, target, realised, attainment) => {
    expect(one({ aspect, target }, [realised])).toBe(attainment);
  });

  test('more than due gives no more than 1, and the source says what counted', () => {
    const { attainment, sources } = attain(
      [plan([workResult('UTAMA', indicator({ target: '120' }))])],
      [realisation('i1', 50, { realisedOn: '2026-02-01' }), realisation('i1', 40, { realisedOn: '2026-03-01' })],
    );
    expect(attainment?.toFixed(2)).toBe('100.00');
    expect(sources.map(({ quantity, counted, reason }) => ({ quantity, counted, reason }))).toEqual(
      expect.arrayContaining([
        { quantity: '50', counted: '50', reason: null },
        { quantity: '40', counted: '10', reason: 'MORE_THAN_DUE' },
      ]),
    );
  });

  test('a work result is the mean of the indicators that are due', () => {
    const result = workResult(
      'UTAMA',
      indicator({ id: 'a', aspect: 'QUALITY', target: '100' }),
      indicator({ id: 'b', aspect: 'TIME', target: '5' }),
      indicator({ id: 'c', dueDates: ['2026-11-30'] }),
    );
    const { attainment } = attain([plan([result])], [realisation('a', 90), realisation('b', 6)]);
    expect(attainment?.toFixed(2)).toBe('85.00');
  });
});

describe('R4: additional work', () => {
  test('alone it makes no W, for there is nothing to lift', () => {
    const only = [plan([workResult('TAMBAHAN', indicator({ aspect: 'QUALITY', target: '100' }))])];
    expect(attain(only, [realisation('i1', 100)]).attainment).toBeNull();
  });

  test('the note shows both means', () => {
    const both = plan([
      workResult('UTAMA', indicator({ id: 'u', aspect: 'QUALITY', target: '100' })),
      workResult('TAMBAHAN', indicator({ id: 't', aspect: 'QUALITY', target: '100' })),
    ]);
    expect(attain([both], [realisation('u', 50), realisation('t', 100)])).toMatchObject({
      note: 'main results 50 %, additional 100 %',
    });
  });
});

test('without an agreed plan W is left out', () => {
  expect(attain([], [])).toMatchObject({ attainment: null, note: 'left out: no plan is agreed' });
});

test('the highest version of a plan holds', () => {
  const first = plan([workResult('UTAMA', indicator({ target: '120' }))]);
  const revised = plan([workResult('UTAMA', indicator({ target: '60' }))], { version: 2 });
  for (const plans of [
    [first, revised],
    [revised, first],
  ]) {
    expect(attain(plans, [realisation('i1', 15)]).attainment?.toFixed(2)).toBe('50.00');
  }
});

test('a correction replaces, and may be corrected', () => {
  const [wrong, less, right] = [
    realisation('i1', 600, { realisationId: 'r1' }),
    realisation('i1', 3, { realisationId: 'r2', replaces: 'r1' }),
    realisation('i1', 30, { realisationId: 'r3', replaces: 'r2' }),
  ];
  const { attainment, sources } = attain([plan([workResult('UTAMA', indicator())])], [right, wrong, less]);
  expect(attainment?.toFixed(2)).toBe('50.00');
  expect(sources).toHaveLength(1);
});

describe('who moves between agencies', () => {
  const elsewhere = '00000000-0000-7000-8000-00000000a002';
  const { person } = facts();
  const moved = {
    person: { ...person, employments: [...person.employments, { agencyId: elsewhere, from: '2026-07-01' }] },
  };
  const origin = plan([workResult('UTAMA', indicator({ id: 'a', target: '120' }))], { planId: 'p1', agencyId: AGENCY });
  const destination = plan([workResult('UTAMA', indicator({ id: 'b', target: '60' }))], {
    planId: 'p2',
    agencyId: elsewhere,
    span: { from: '2026-07-01', to: '2026-12-31' },
  });

  test('nothing more falls due in the plan left behind', () => {
    const { attainment } = attain([origin], [realisation('a', 60)], month(12), moved);
    expect(attainment?.toFixed(2)).toBe('100.00');
  });

  test('both plans make one W', () => {
    const { attainment } = attain(
      [destination, origin],
      [realisation('a', 60), realisation('b', 30)],
      month(12),
      moved,
    );
    expect(attainment?.toFixed(2)).toBe('75.00');
  });
});

test('R11: levels do not shrink, but nothing is due from someone who was away all the time', () => {
  const level = plan([workResult('UTAMA', indicator({ aspect: 'QUALITY', target: '100' }))]);
  const away = (to: string) => ({ absences: [{ from: '2025-12-01', to }] });
  expect(attain([level], [realisation('i1', 90)], june, away('2026-04-30')).attainment?.toFixed(2)).toBe('90.00');
  expect(attain([level], [], june, away('2026-06-30')).attainment).toBeNull();
});
