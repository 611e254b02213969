import { AGENCY, nationalRules } from '../../test/mothers.js';
import { policyFor, publish, type ScoringPolicy, type ScoringRules } from './policy.js';

const national: ScoringPolicy = {
  id: 'n1',
  agencyId: null,
  version: '2022-1',
  validFrom: '2022-01-01',
  rules: nationalRules,
  source: 'default',
  verified: false,
  publishedAt: new Date('2022-01-01'),
};
const policy = (over: Partial<ScoringPolicy> = {}): ScoringPolicy => ({
  ...national,
  id: 'x',
  agencyId: AGENCY,
  version: '2027-1',
  validFrom: '2027-01-01',
  publishedAt: new Date('2026-11-01'),
  ...over,
});

describe('which policy a period has', () => {
  const own = policy();
  const again = policy({ id: 'y', version: '2027-2', publishedAt: new Date('2026-12-01') });
  const newer = policy({ id: 'n2', agencyId: null, validFrom: '2028-01-01' });
  test.each([
    ['the national one', [national], '2026-01-01', 'n1'],
    ["its agency's own from its first day on", [national, own], '2027-01-01', 'x'],
    ['not before that', [national, own], '2026-01-01', 'n1'],
    ["not another agency's", [national, policy({ agencyId: 'another' })], '2027-01-01', 'n1'],
    ["its agency's own, though the national one is newer", [national, own, newer], '2028-01-01', 'x'],
    ['of two for the same day, the one published last', [again, national, own], '2027-01-01', 'y'],
    ['none before the first', [national], '2021-01-01', undefined],
  ])('%s', (_, policies, startsOn, id) => {
    expect(policyFor(policies, AGENCY, startsOn)?.id).toBe(id);
    expect(policyFor([...policies].reverse(), AGENCY, startsOn)?.id).toBe(id);
  });
});

describe('publishing a policy', () => {
  const rules = (over: Partial<ScoringRules>) => policy({ rules: { ...nationalRules, ...over } });
  const weights = (W: number, B: number, C: number, P: number) =>
    rules({ weights: { WORK_RESULTS: W, BEHAVIOUR: B, COMPETENCY: C, PUBLIC_FEEDBACK: P } });

  test('for the next period', () => {
    expect(publish(policy(), '2026-01-01', national)).toEqual(policy());
    expect(publish(policy(), null, national)).toEqual(policy());
  });

  test.each([
    ['a period that has begun', policy({ validFrom: '2026-01-01' }), '2026-01-01'],
    ['a past period', policy({ validFrom: '2025-01-01' }), '2026-01-01'],
    ['the middle of a period', policy({ validFrom: '2027-07-01' }), '2026-01-01'],
  ])('never for %s', (_, wanted, begun) => {
    expect(() => publish(wanted, begun, national)).toThrow(expect.objectContaining({ code: 'POLICY_NOT_NEXT_PERIOD' }));
  });

  test.each([
    [40, 30, 15, 15],
    [80, 20, 0, 0],
    [55.5, 20, 10, 14.5],
  ])('weights of %p, %p, %p, %p are within the guardrails', (W, B, C, P) => {
    expect(publish(weights(W, B, C, P), null, national)).toBeDefined();
  });

  test.each([
    [60, 20, 10, 9, 'POLICY_WEIGHTS_INVALID'],
    [60, 20, 10, 10.01, 'POLICY_WEIGHTS_INVALID'],
    [39, 30, 30, 1, 'POLICY_OUTSIDE_GUARDRAILS'],
    [81, 19, 0, 0, 'POLICY_OUTSIDE_GUARDRAILS'],
    [60, 31, 9, 0, 'POLICY_OUTSIDE_GUARDRAILS'],
    [60, 50, -10, 0, 'POLICY_OUTSIDE_GUARDRAILS'],
    [Number.NaN, 20, 10, 10, 'POLICY_WEIGHTS_INVALID'],
  ])('weights of %p, %p, %p, %p are refused', (W, B, C, P, code) => {
    expect(() => publish(weights(W, B, C, P), null, national)).toThrow(expect.objectContaining({ code }));
  });

  test('the guardrails are the national ones, whatever the policy says', () => {
    const loose = { ...nationalRules.guardrails, WORK_RESULTS: { least: 0, most: 100 } };
    const own = rules({
      guardrails: loose,
      weights: { WORK_RESULTS: 100, BEHAVIOUR: 0, COMPETENCY: 0, PUBLIC_FEEDBACK: 0 },
    });
    expect(() => publish(own, null, national)).toThrow(expect.objectContaining({ code: 'POLICY_OUTSIDE_GUARDRAILS' }));
  });

  const { satisfaction, complaints, bands, workResults } = nationalRules;
  test.each([
    ['bands out of order', { bands: [bands[1]!, bands[0]!, bands[2]!] }, 'POLICY_BANDS_INVALID'],
    ['a band missing', { bands: bands.slice(1) }, 'POLICY_BANDS_INVALID'],
    [
      'no band for the lowest',
      { bands: [bands[0]!, bands[1]!, { band: 'TERTINGGAL' as const, from: 1 }] },
      'POLICY_BANDS_INVALID',
    ],
    ['a share above 1', { workResults: { ...workResults, easingNeedsSuperiorAfter: 1.1 } }, 'POLICY_SHARES_INVALID'],
    ['shares that are not 1 together', { complaints: { ...complaints, share: 0.4 } }, 'POLICY_SHARES_INVALID'],
    ['no complaint as enough', { complaints: { ...complaints, leastDue: 0 } }, 'POLICY_FIGURES_INVALID'],
    ['half a complaint', { complaints: { ...complaints, leastDue: 2.5 } }, 'POLICY_FIGURES_INVALID'],
    [
      'an element twice',
      { satisfaction: { ...satisfaction, staffElements: ['WAKTU' as const, 'WAKTU' as const] } },
      'POLICY_ELEMENTS_INVALID',
    ],
    ['no element', { satisfaction: { ...satisfaction, headElements: [] } }, 'POLICY_ELEMENTS_INVALID'],
  ])('%s is refused', (_, over, code) => {
    expect(() => publish(rules(over), null, national)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ...(['topAnswer', 'leastRespondents', 'enoughRespondents'] as const).flatMap((name) =>
      [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map((value) => [name, { [name]: value }] as const),
    ),
    ...(['proportion', 'error'] as const).flatMap((name) =>
      [0, 1, -0.1, Number.NaN].map(
        (value) => [`sample.${name}`, { sample: { ...satisfaction.sample, [name]: value } }] as const,
      ),
    ),
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map(
      (chiSquare) => ['sample.chiSquare', { sample: { ...satisfaction.sample, chiSquare } }] as const,
    ),
  ])('satisfaction.%s of %j is refused, by name', (name, over) => {
    const field = `satisfaction.${name}`;
    expect(() => publish(rules({ satisfaction: { ...satisfaction, ...over } }), null, national)).toThrow(
      expect.objectContaining({ code: 'POLICY_FIGURES_INVALID', params: { field, wrong: [field] } }),
    );
  });
});
