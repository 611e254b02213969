import {
  facts,
  hours,
  indicator,
  month,
  plan,
  realisation,
  nationalRules as rules,
  satisfaction,
  service,
  serving,
  workResult,
} from '../../test/mothers.js';
import { Exact } from './exact.js';
import { fold, largestRemainder, type Score } from './fold.js';

const part = (score: Score | null, component: string) => score?.parts.find((p) => p.component === component);
const june = month(6);

/** A plan whose one main result stands at a share of what is due. */
const workAt = (percent: number) => ({
  plans: [plan([workResult('UTAMA', indicator({ aspect: 'QUALITY', target: '100' }))])],
  realisations: [realisation('i1', percent)],
});

describe('the vectors', () => {
  test.each([
    ['January, no hours', 1, [], '77.14'],
    ['January, three hours of 1.667 due', 1, [3], '91.43'],
    ['June, the same three of ten due', 6, [3], '81.43'],
  ])('2: W 90 and C only, %s', (_, n, counted, value) => {
    const score = fold(facts({ ...workAt(90), hours: [hours(counted)] }), rules, month(n));
    expect(score).toMatchObject({ value, coverage: '0.7000', band: null });
  });

  test.each([
    [2, [], 'left out: n = 21, needs 30', null],
    [3, [15], null, '75.00'],
  ])('3: responses to the end of month %p', (n, third, note, attainment) => {
    // n and mean by month: 12 at 3.50, 9 at 2.00, 15 at 3.20.
    const [respondents, sum] = third.length > 0 ? [36, 42 + 18 + 48] : [21, 42 + 18];
    const to = n === 2 ? '2026-02-28' : '2026-03-31';
    const services = [service({ satisfaction: [satisfaction(to, respondents, sum)] })];
    const score = fold(facts({ serving: [serving()], services }), rules, month(n + 1));
    expect(part(score, 'PUBLIC_FEEDBACK')).toMatchObject({ note, attainment });
  });

  test('4: three months away shrink what is due', () => {
    const score = fold(
      facts({
        absences: [{ from: '2026-04-01', to: '2026-06-30' }],
        plans: [plan([workResult('UTAMA', indicator({ target: '120' }))])],
        realisations: [realisation('i1', 81)],
        hours: [hours([15])],
      }),
      rules,
      month(12),
    );
    expect(part(score, 'WORK_RESULTS')?.attainment).toBe('90.00');
    expect(part(score, 'COMPETENCY')).toMatchObject({ attainment: '100.00', note: '15 of 15 hours due' });
    expect(score?.value).toBe('91.43');
  });

  test.each([
    ['four additional results in full lift a half', [0.5], [1, 1, 1, 1], '60.00'],
    ['a half additional result does not drown', [1], [0.5], '100.00'],
  ])('5: %s', (_, main, additional, attainment) => {
    const results = [
      ...main.map((share, n) => ({ kind: 'UTAMA' as const, id: `u${n}`, share })),
      ...additional.map((share, n) => ({ kind: 'TAMBAHAN' as const, id: `t${n}`, share })),
    ];
    const score = fold(
      facts({
        plans: [
          plan(results.map(({ kind, id }) => workResult(kind, indicator({ id, aspect: 'QUALITY', target: '100' })))),
        ],
        realisations: results.map(({ id, share }) => realisation(id, share * 100)),
      }),
      rules,
      june,
    );
    expect(part(score, 'WORK_RESULTS')?.attainment).toBe(attainment);
  });

  test('1, without its ratings: W 92.5, C 80 and P 84, 80 per cent of the weights', () => {
    const score = fold(
      facts({
        plans: [
          plan([
            workResult(
              'UTAMA',
              indicator({ id: 'quality', aspect: 'QUALITY', target: '100' }),
              indicator({ id: 'time', aspect: 'TIME', target: '5' }),
            ),
            workResult('UTAMA', indicator({ id: 'count', target: '50' })),
          ]),
        ],
        realisations: [realisation('quality', 90), realisation('time', 6), realisation('count', 65)],
        hours: [hours([10, 6])],
        serving: [serving()],
        services: [service({ satisfaction: [satisfaction('2026-11-30', 41, 41 * 3.36)] })],
      }),
      rules,
      month(12),
    );
    expect(score?.parts.map((p) => p.attainment)).toEqual(['92.50', null, '80.00', '84.00']);
    // (60 × 92.5 + 10 × 80 + 10 × 84) ÷ 80
    expect(score).toMatchObject({ value: '89.88', coverage: '0.8000', band: 'SESUAI_JALUR' });
    expect(score?.parts.map((p) => p.contribution)).toEqual(['69.38', '0.00', '10.00', '10.50']);
  });
});

describe('R1', () => {
  test('with no component at all there is no score', () => {
    const { person } = facts();
    expect(fold(facts({ person: { ...person, serviceFrom: '2026-09-01' } }), rules, june)).toBeNull();
    expect(fold(facts({ hours: [hours([5])] }), rules, month(1, { monthBegun: null }))).toBeNull();
  });

  test('hours are due for everyone, so that C counts at 0 before any ledger is known', () => {
    expect(fold(facts(), rules, june)).toMatchObject({ value: '0.00', coverage: '0.1000', band: null });
  });

  test('what has no data is left out, with its weight and a note', () => {
    expect(part(fold(facts(), rules, june), 'BEHAVIOUR')).toEqual({
      component: 'BEHAVIOUR',
      weight: '20.00',
      attainment: null,
      contribution: '0.00',
      note: 'left out: no data',
      sources: [],
    });
  });

  test.each([
    [100, 20, 100, 'SESUAI_JALUR'],
    [70, 20, 100, 'PERLU_PERHATIAN'],
    [40, 0, 60, 'TERTINGGAL'],
    [75, 20, 100, 'SESUAI_JALUR'],
    [73.33, 20, 100, 'SESUAI_JALUR'], // 79.9975, shown as 80.00: the band follows what is shown
    [73.32, 20, 100, 'PERLU_PERHATIAN'],
  ])('W %p, %p hours and P %p give %s', (work, counted, index, band) => {
    const services = [service({ satisfaction: [satisfaction('2026-11-30', 40, (40 * index) / 25)] })];
    const known = { ...workAt(work), hours: [hours([counted])], serving: [serving()], services };
    expect(fold(facts(known), rules, month(12))?.band).toBe(band);
  });
});

test('R11: no band for someone away for more than half of the months begun', () => {
  const services = [service({ satisfaction: [satisfaction('2026-05-31', 40, 160)] })];
  const known = { ...workAt(100), hours: [hours([20])], serving: [serving()], services };
  const away = (to: string) => fold(facts({ ...known, absences: [{ from: '2026-01-01', to }] }), rules, june)?.band;
  expect(away('2026-03-31')).toBe('SESUAI_JALUR');
  expect(away('2026-04-01')).toBeNull();
});

describe('contributions', () => {
  const exact = (...values: (number | string)[]) => values.map((value) => Exact.of(value));
  test('what rounding loses goes where most was lost, of equals to the first', () => {
    const third = Exact.of(100).div(3);
    expect(largestRemainder([third, third, third], Exact.of(100)).map(String)).toEqual(['33.34', '33.33', '33.33']);
    expect(largestRemainder(exact('10.004', '20.009', '0'), Exact.of('30.01')).map(String)).toEqual([
      '10',
      '20.01',
      '0',
    ]);
  });
});
