import { endGrants, type Grant, grantRole, type NewGrant, revokeRole } from './grant.js';

const now = new Date('2026-11-22');
const input: NewGrant = {
  id: 'g',
  subject: 'e',
  role: 'HR',
  agencyId: 'a',
  unitId: null,
  validFrom: '2026-01-01',
  validTo: null,
  decreeNumber: null,
  decreeDate: null,
  recordedAt: now,
};
const grant: Grant = { ...input, revokedAt: null, revokeReason: null };
const code = (value: string, field?: string) =>
  expect.objectContaining({ code: value, ...(field && { params: expect.objectContaining({ field }) }) });

test.each<[string, Partial<NewGrant>, string]>([
  ['HR of no agency', { agencyId: null }, 'agencyId'],
  ['HR of a unit', { unitId: 'u' }, 'unitId'],
  ['AUDITOR of no agency', { role: 'AUDITOR', agencyId: null }, 'agencyId'],
  ['OFFICER of no agency', { role: 'OFFICER', agencyId: null, unitId: 'u' }, 'agencyId'],
  ['ADMIN of an agency', { role: 'ADMIN' }, 'agencyId'],
])('there is no %s', (_, over, field) => {
  expect(() => grantRole({ ...input, ...over }, 'a', [])).toThrow(code('ROLE_SCOPE', field));
});

test.each<Partial<NewGrant>>([
  {},
  { role: 'OFFICER' },
  { role: 'OFFICER', unitId: 'u' },
  { role: 'AUDITOR' },
  { role: 'ADMIN', agencyId: null },
])('%p is a role', (over) => {
  expect(grantRole({ ...input, ...over }, 'a', []).state).toEqual({ ...grant, ...over });
});

test('a role is given once at a time for one scope, and its unit is of its agency', () => {
  expect(() => grantRole(input, null, [grant])).toThrow(code('GRANT_OVERLAPS'));
  expect(grantRole(input, null, [{ ...grant, agencyId: 'b' }]).events).toHaveLength(1);
  expect(() => grantRole({ ...input, role: 'OFFICER', unitId: 'u' }, 'b', [])).toThrow(code('UNIT_OTHER_AGENCY'));
  expect(() => grantRole({ ...input, validTo: '2025-12-31' }, null, [])).toThrow(code('INTERVAL_REVERSED'));
});

test('a role that is revoked on its first day never held, and may be given again', () => {
  const today = { ...grant, validFrom: '2026-11-22' };
  const { state, events } = revokeRole(today, '2026-11-21', 'selesai', now);
  expect(state).toMatchObject({ validTo: '2026-11-21', revokedAt: now, revokeReason: 'selesai' });
  expect(events).toEqual([{ type: 'RoleRevoked', grant: state }]);
  expect(grantRole({ ...input, validFrom: '2026-11-22' }, null, [state]).events).toHaveLength(1);
  expect(() => revokeRole(state, '2026-11-21', 'lagi', now)).toThrow(code('GRANT_ENDED'));
  expect(() => revokeRole(grant, '2026-11-21', ' ', now)).toThrow(code('TEXT_REQUIRED'));
});

test('a role that is to end may still be ended sooner', () => {
  const { state } = revokeRole(grant, '2026-12-31', 'akhir tahun', now);
  expect(revokeRole(state, '2026-11-21', 'sekarang', now).state.validTo).toBe('2026-11-21');
});

test('who goes keeps no role', () => {
  const over = { ...grant, id: 'over', validTo: '2026-01-31' };
  expect(endGrants([grant, over], '2026-11-30', now).state.map(({ id, validTo }) => [id, validTo])).toEqual([
    ['g', '2026-11-30'],
  ]);
});
