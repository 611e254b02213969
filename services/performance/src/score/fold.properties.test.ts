/** What holds for any facts, tried on thousands of made-up people. */
import { addDays } from '@merit/chassis/local-date';
import fc from 'fast-check';
import {
  AGENCY,
  facts,
  hours,
  indicator,
  leading,
  month,
  nationalRules,
  plan,
  realisation,
  SERVICE,
  satisfaction,
  serving,
  step,
  UNIT,
  workResult,
} from '../../test/mothers.js';
import type { Aspect } from '../plan/plan.js';
import { publish, type ScoringPolicy, type ScoringRules } from '../policy/policy.js';
import type { Checkpoint, ServiceFacts } from './facts.js';
import { type Facts, fold, type Score } from './fold.js';
import { standingOf } from './standing.js';

/** Facts as they are stored: services not yet settled. */
type Raw = Omit<Facts, 'services'> & { readonly services: readonly ServiceFacts[] };
const settled = (raw: Raw): Facts => ({
  ...raw,
  services: raw.services.map((service) => standingOf(service, 'Asia/Jakarta')),
});
const score = (raw: Raw, checkpoint: Checkpoint) => fold(settled(raw), nationalRules, checkpoint);

const day = fc.integer({ min: -200, max: 420 }).map((n) => addDays('2026-01-01', n));
const span = fc.tuple(day, fc.integer({ min: 0, max: 300 })).map(([from, n]) => ({ from, to: addDays(from, n) }));
const quantity = fc.integer({ min: 0, max: 30_000 }).map((n) => String(n / 100));
const aspect = fc.constantFrom<Aspect>('QUANTITY', 'QUALITY', 'TIME', 'COST');

const indicators = fc.array(
  fc.record({ aspect, target: quantity, dueDates: fc.oneof(fc.constant([]), fc.array(day, { maxLength: 3 })) }),
  { minLength: 1, maxLength: 3 },
);
const plans = fc
  .array(
    fc.tuple(
      fc.array(fc.tuple(fc.constantFrom('UTAMA' as const, 'TAMBAHAN' as const), indicators), { maxLength: 3 }),
      fc.option(span),
    ),
    { maxLength: 2 },
  )
  .map((list) =>
    list.flatMap(([results, window], p) => [
      plan([], { planId: `p${p}`, version: 0 }),
      plan(
        results.map(([kind, items], r) =>
          workResult(kind, ...items.map((item, n) => indicator({ ...item, id: `i${p}${r}${n}` }))),
        ),
        { planId: `p${p}`, ...(window ? { span: window } : {}) },
      ),
    ]),
  );
const realisations = fc
  .array(fc.tuple(fc.nat(1), fc.nat(2), fc.nat(2), quantity, day), { maxLength: 12 })
  .map((list) => list.map(([p, r, n, amount, on]) => realisation(`i${p}${r}${n}`, amount, { realisedOn: on })));
const trainings = fc.array(fc.integer({ min: 1, max: 16 }), { maxLength: 6 });

const services = fc
  .array(
    fc.record({
      unitId: fc.option(fc.constantFrom(UNIT, 'b2')),
      months: fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 100, max: 400 })), { maxLength: 4 }),
      complaints: fc.array(fc.tuple(fc.boolean(), day), { maxLength: 8 }),
    }),
    { maxLength: 3 },
  )
  .map((list) =>
    list.map(
      ({ unitId, months, complaints }, s): ServiceFacts => ({
        serviceId: `${SERVICE}${s}`,
        unitId,
        satisfaction: months.map(([n, mean], m) =>
          satisfaction(addDays(`2026-0${m + 2}-01`, -1), n, (n * mean) / 100, { unitId: unitId ?? UNIT }),
        ),
        complaints: complaints.map(([inTime, on], k) =>
          step(`k${s}${k}`, 2, 'RESOLVED', on, { inTime, dueAt: new Date(on) }),
        ),
      }),
    ),
  );

const person = fc.record({ serviceFrom: day, leftOn: fc.option(day) }).map((dates) => ({
  ...facts().person,
  ...dates,
  employments: [{ agencyId: AGENCY, from: dates.serviceFrom }],
}));
const raw: fc.Arbitrary<Raw> = fc.record({
  person,
  absences: fc.array(span, { maxLength: 3 }),
  plans,
  realisations,
  // Every version of the ledger that there was.
  hours: trainings.map((list) => list.map((_, n) => hours(list.slice(0, n + 1)))),
  serving: fc.array(
    fc.tuple(span, fc.nat(2)).map(([within, s]) => serving(within, `${SERVICE}${s}`)),
    { maxLength: 3 },
  ),
  leading: fc.array(
    fc
      .tuple(span, fc.constantFrom(UNIT, 'b2'), fc.constantFrom('DEFINITIF' as const, 'PLT' as const))
      .map(([within, unitId, kind]) => leading({ span: within, unitId, kind })),
    { maxLength: 2 },
  ),
  services,
});
const checkpoint = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.boolean())
  .map(([n, closed]) => month(closed ? 12 : n, { closed }));

/** The same facts in another order, some of them twice. */
function disturbed(facts: Raw, seed: readonly number[]): Raw {
  const shuffle = <T>(list: readonly T[]): T[] => {
    const twice = [...list, ...list.filter((_, n) => (seed[n % seed.length]! & 1) === 1)];
    return twice
      .map((item, n) => ({ item, key: (seed[(n * 7 + 3) % seed.length]! * (n + 1)) % 101 }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  };
  return {
    ...facts,
    person: { ...facts.person, employments: shuffle(facts.person.employments) },
    absences: shuffle(facts.absences),
    plans: shuffle(facts.plans),
    realisations: shuffle(facts.realisations),
    hours: shuffle(facts.hours),
    serving: shuffle(facts.serving),
    leading: shuffle(facts.leading),
    services: facts.services.map((service) => ({
      ...service,
      satisfaction: shuffle(service.satisfaction),
      complaints: shuffle(service.complaints),
    })),
  };
}
const part = (of: Score | null, component: string) =>
  of?.parts.find((p) => p.component === component)?.attainment ?? null;
const runs = { numRuns: 400 };

test('order of arrival does not matter, and a fact twice is a fact once', () => {
  const seed = fc.array(fc.nat(100), { minLength: 5, maxLength: 12 });
  fc.assert(
    fc.property(raw, checkpoint, seed, (known, when, order) => {
      expect(score(disturbed(known, order), when)).toEqual(score(known, when));
    }),
    runs,
  );
});

test('every figure lies from 0 to 100, and the contributions add up to the value exactly', () => {
  fc.assert(
    fc.property(raw, checkpoint, (known, when) => {
      const result = score(known, when);
      if (!result) return;
      const cents = (figure: string | null) => Math.round(Number(figure) * 100);
      for (const figure of [result.value, ...result.parts.map((p) => p.attainment ?? '0.00')]) {
        expect(figure).toMatch(/^\d{1,3}\.\d\d$/);
        expect(Number(figure)).toBeLessThanOrEqual(100);
      }
      expect(result.parts.reduce((total, p) => total + cents(p.contribution), 0)).toBe(cents(result.value));
      for (const p of result.parts) if (p.attainment === null) expect(p.contribution).toBe('0.00');
    }),
    runs,
  );
});

/** Figures as somebody may type them: all in their range, however odd, or one of them out of it. */
const whole = fc.integer({ min: 1, max: 40 });
const share = fc.double({ min: 1e-9, max: 1, maxExcluded: true });
const figures = fc.record({
  topAnswer: whole,
  leastRespondents: whole,
  enoughRespondents: whole,
  leastDue: whole,
  chiSquare: fc.double({ min: 1e-9, max: 1e9 }),
  proportion: share,
  error: share,
});
const slip = fc.option(
  fc.tuple(
    fc.constantFrom(
      'topAnswer',
      'leastRespondents',
      'enoughRespondents',
      'leastDue',
      'chiSquare',
      'proportion',
      'error',
    ),
    fc.constantFrom(0, 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY),
  ),
);
const typed = fc.tuple(figures, slip).map(([inRange, wrong]): ScoringRules => {
  const { leastDue, chiSquare, proportion, error, ...counts } = wrong ? { ...inRange, [wrong[0]]: wrong[1] } : inRange;
  const { satisfaction, complaints } = nationalRules;
  return {
    ...nationalRules,
    satisfaction: { ...satisfaction, ...counts, sample: { chiSquare, proportion, error } },
    complaints: { ...complaints, leastDue },
  };
});

/** The policy as it stands once published; null when it is refused. */
function accepted(rules: ScoringRules): ScoringPolicy | null {
  const named = { id: 'x', agencyId: AGENCY, version: '1', source: 'test', verified: false, publishedAt: new Date(0) };
  const policy = { ...named, validFrom: '2026-01-01', rules };
  try {
    return publish(policy, null, { ...policy, rules: nationalRules });
  } catch {
    return null;
  }
}

test('whatever policy is accepted, every figure is a number from 0 to 100', () => {
  const served = fc.tuple(raw, fc.option(fc.nat(50))).map(
    ([known, population]): Raw => ({
      ...known,
      serving: [serving(), serving({}, `${SERVICE}0`)],
      services: known.services.map((one) => ({
        ...one,
        satisfaction: one.satisfaction.map((fact) => ({ ...fact, population })),
      })),
    }),
  );
  let kept = 0;
  fc.assert(
    fc.property(served, typed, checkpoint, (known, rules, when) => {
      const policy = accepted(rules);
      if (!policy) return;
      kept += 1;
      const result = fold(settled(known), policy.rules, when);
      for (const p of result?.parts ?? []) {
        for (const figure of [p.attainment ?? '0.00', p.contribution, result!.value]) {
          expect(figure).toMatch(/^\d{1,3}\.\d\d$/);
          expect(Number(figure)).toBeLessThanOrEqual(100);
        }
      }
    }),
    { numRuns: 1_500 },
  );
  expect(kept).toBeGreaterThan(300);
});

test('a revoked training leaves the score that would have been without it', () => {
  fc.assert(
    fc.property(raw, trainings, checkpoint, (known, list, when) => {
      const never = { ...known, hours: [hours(list, { version: 1 })] };
      const revoked = {
        ...known,
        hours: [hours(list, { version: 3 }), hours(list, { version: 1 }), hours([...list, 9], { version: 2 })],
      };
      expect(score(revoked, when)).toEqual(score(never, when));
    }),
    runs,
  );
});

test('a corrected realisation leaves the score that would have been with the right one alone', () => {
  fc.assert(
    fc.property(raw, quantity, quantity, checkpoint, (known, wrong, right, when) => {
      const fix = realisation('i000', right, { realisationId: 'right', replaces: 'wrong' });
      const mistake = realisation('i000', wrong, { realisationId: 'wrong' });
      const never = { ...known, realisations: [...known.realisations, fix] };
      expect(score({ ...known, realisations: [fix, ...known.realisations, mistake] }, when)).toEqual(
        score(never, when),
      );
    }),
    runs,
  );
});

test('a completed training never lowers the score', () => {
  fc.assert(
    fc.property(raw, trainings, fc.integer({ min: 1, max: 40 }), checkpoint, (known, list, more, when) => {
      const before = score({ ...known, hours: [hours(list)] }, when);
      const after = score({ ...known, hours: [hours([...list, more])] }, when);
      expect(Number(after?.value ?? -1)).toBeGreaterThanOrEqual(Number(before?.value ?? -1));
    }),
    runs,
  );
});

test('the first training, too, never lowers it', () => {
  fc.assert(
    fc.property(raw, fc.integer({ min: 1, max: 40 }), checkpoint, (known, more, when) => {
      const before = score({ ...known, hours: [] }, when);
      const after = score({ ...known, hours: [hours([more])] }, when);
      expect(Number(after?.value ?? -1)).toBeGreaterThanOrEqual(Number(before?.value ?? -1));
    }),
    runs,
  );
});

describe('more evidence of the same quality never lowers a component', () => {
  test('a quantity more', () => {
    fc.assert(
      fc.property(fc.array(quantity, { maxLength: 5 }), quantity, quantity, checkpoint, (list, more, target, when) => {
        const plans = [plan([workResult('UTAMA', indicator({ target }))])];
        const at = (amounts: string[]) =>
          part(
            score(
              { ...facts({ plans, realisations: amounts.map((amount) => realisation('i1', amount)) }), services: [] },
              when,
            ),
            'WORK_RESULTS',
          );
        expect(Number(at([...list, more]) ?? 0)).toBeGreaterThanOrEqual(Number(at(list) ?? 0));
      }),
      runs,
    );
  });

  test('levels as good as those before', () => {
    fc.assert(
      fc.property(
        aspect,
        fc.array(quantity, { minLength: 1, maxLength: 5 }),
        quantity,
        checkpoint,
        (kind, list, target, when) => {
          const plans = [plan([workResult('UTAMA', indicator({ aspect: kind, target }))])];
          const at = (amounts: string[]) =>
            part(
              score(
                { ...facts({ plans, realisations: amounts.map((amount) => realisation('i1', amount)) }), services: [] },
                when,
              ),
              'WORK_RESULTS',
            );
          expect(Number(at([...list, ...list]) ?? 0)).toBeGreaterThanOrEqual(Number(at(list) ?? 0));
        },
      ),
      runs,
    );
  });

  test('twice the responses with the same answers, and twice the complaints with the same ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 90 }),
        fc.integer({ min: 100, max: 400 }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 9 }),
        checkpoint,
        (n, mean, ends, when) => {
          const at = (times: number) => {
            const complaints = Array.from({ length: times }, () => ends)
              .flat()
              .map((inTime, k) =>
                step(`k${k}`, 2, 'RESOLVED', '2026-01-03', { inTime, dueAt: new Date('2026-01-03') }),
              );
            const known = {
              serviceId: SERVICE,
              unitId: UNIT,
              satisfaction: [satisfaction('2026-01-31', n * times, (n * times * mean) / 100)],
              complaints,
            };
            return part(score({ ...facts({ serving: [serving()] }), services: [known] }, when), 'PUBLIC_FEEDBACK');
          };
          expect(Number(at(2))).toBeGreaterThanOrEqual(Number(at(1)));
        },
      ),
      runs,
    );
  });
});
