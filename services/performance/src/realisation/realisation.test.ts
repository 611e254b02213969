import type { Agreed } from '../plan/plan.js';
import { correct, type Report, report } from './realisation.js';

const plan: Agreed = {
  status: 'AGREED',
  id: 'plan',
  employeeId: 'ani',
  periodId: 'p1',
  agencyId: 'a1',
  year: 2026,
  span: { from: '2026-01-01', to: '2026-12-31' },
  version: 2,
  agreedBy: 'budi',
  agreedAt: new Date('2026-01-20'),
  workResults: [
    {
      id: 'r1',
      title: 'Dokumen',
      kind: 'UTAMA',
      indicators: [
        {
          id: 'i1',
          name: 'Jumlah',
          aspect: 'QUANTITY',
          target: '120',
          unit: 'dokumen',
          evidenceSource: 'SIAK',
          dueDates: [],
        },
      ],
    },
  ],
};
const given: Report = {
  id: 'real',
  quantity: '10',
  realisedOn: '2026-02-03',
  evidence: { text: 'Laporan Januari', url: null },
  reportedAt: new Date('2026-02-05'),
};
const today = '2026-02-05';

test('a realisation belongs to the plan, its owner and year', () => {
  const { state, events } = report(plan, 'i1', given, today);
  expect(state).toEqual({
    ...given,
    planId: 'plan',
    indicatorId: 'i1',
    employeeId: 'ani',
    agencyId: 'a1',
    year: 2026,
    replacesId: null,
  });
  expect(events).toEqual([{ type: 'RealisationReported', realisation: state }]);
});

test.each<[string, Partial<Report>, string]>([
  ['before the plan', { realisedOn: '2025-12-31' }, 'REALISED_OUTSIDE_PLAN'],
  ['after the plan', { realisedOn: '2027-01-01' }, 'REALISED_OUTSIDE_PLAN'],
  ['tomorrow', { realisedOn: '2026-02-06' }, 'REALISED_IN_FUTURE'],
  ['without evidence', { evidence: { text: null, url: null } }, 'EVIDENCE_REQUIRED'],
])('%s it is refused', (_, over, code) => {
  expect(() => report(plan, 'i1', { ...given, ...over }, today)).toThrow(expect.objectContaining({ code }));
});

test('on a plan that is not agreed, or an indicator that is not in it, it is refused', () => {
  expect(() => report({ ...plan, status: 'DRAFT' }, 'i1', given, today)).toThrow(
    expect.objectContaining({ code: 'PLAN_NOT_AGREED' }),
  );
  expect(() => report(plan, 'i2', given, today)).toThrow(expect.objectContaining({ code: 'INDICATOR_NOT_FOUND' }));
});

test('a correction takes the place of what it corrects, once', () => {
  const before = { ...report(plan, 'i1', given, today).state, replaced: false };
  expect(correct(plan, before, { ...given, id: 'right', quantity: '1' }, today).state).toMatchObject({
    id: 'right',
    quantity: '1',
    replacesId: 'real',
  });
  expect(() => correct(plan, { ...before, replaced: true }, given, today)).toThrow(
    expect.objectContaining({ code: 'REALISATION_REPLACED' }),
  );
});
